export { ImageUploadStatus } from "../../models.js";
