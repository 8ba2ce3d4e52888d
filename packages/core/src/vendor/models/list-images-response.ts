export type { ListImagesResponse } from "../../models.js";
