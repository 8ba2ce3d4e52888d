export type { DeleteImageResponse } from "../../models.js";
