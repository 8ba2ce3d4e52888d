export type { CompleteUploadRequest } from "../../models.js";
