export type { FetchImageRequest } from "../../../operation-models.js";
