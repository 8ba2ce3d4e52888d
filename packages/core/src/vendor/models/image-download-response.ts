export type { ImageDownloadResponse } from "../../models.js";
