export type { DownloadImageRequest } from "../../../operation-models.js";
