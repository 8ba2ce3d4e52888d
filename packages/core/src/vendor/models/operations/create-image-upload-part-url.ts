export type { CreateImageUploadPartUrlRequest } from "../../../operation-models.js";
