export type { DeleteImageRequest } from "../../../operation-models.js";
