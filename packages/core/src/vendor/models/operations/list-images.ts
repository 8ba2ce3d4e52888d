export type { ListImagesRequest, ListImagesResponse } from "../../../operation-models.js";
