export { imagesList, type ImagePage, type ImagePageResult } from "../../images-list.js";
