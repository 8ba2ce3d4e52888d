export type { ConflictErrorError } from "../../models.js";
