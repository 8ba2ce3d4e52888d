export type { ImageUploadResponse } from "../../models.js";
