export { imagesList } from "../../images-list.js";
export type { ImagePage, ImagePageResult } from "../../images-list.js";
