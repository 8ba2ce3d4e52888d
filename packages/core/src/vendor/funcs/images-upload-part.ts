export { imagesUploadPart } from "../../images-upload-part.js";
