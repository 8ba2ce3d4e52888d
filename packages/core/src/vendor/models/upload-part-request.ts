export type { UploadPartRequest } from "../../models.js";
