export type { CompleteImageUploadRequest } from "../../../operation-models.js";
