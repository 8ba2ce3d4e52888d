export { createPageIterator } from "../../pages.js";
export type { PageIterator, Paginator } from "../../pages.js";
