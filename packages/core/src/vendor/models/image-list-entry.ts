export type { ImageListEntry } from "../../models.js";
