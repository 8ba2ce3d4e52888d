export type { ClosedEnum, OpenEnum } from "../../open-enum.js";
