export { imagesDelete } from "../../images-delete.js";
