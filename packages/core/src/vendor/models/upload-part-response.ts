export type { UploadPartResponse } from "../../models.js";
