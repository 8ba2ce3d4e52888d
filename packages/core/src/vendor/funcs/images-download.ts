export { imagesDownload } from "../../images-download.js";
