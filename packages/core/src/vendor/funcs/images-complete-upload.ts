export { imagesCompleteUpload } from "../../images-complete-upload.js";
