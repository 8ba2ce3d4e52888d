export { imagesStartUpload } from "../../images-start-upload.js";
