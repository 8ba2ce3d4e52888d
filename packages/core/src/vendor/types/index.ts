/** What the vendor has at `types`, as far as an image needs it. */
export type { ClosedEnum, OpenEnum, Unrecognized } from "../../open-enum.js";
export { createPageIterator, type PageIterator, type Paginator } from "../../pages.js";
export type { Result } from "../../result.js";
