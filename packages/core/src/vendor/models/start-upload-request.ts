export type { StartUploadRequest } from "../../models.js";
