export { createPageIterator, type PageIterator, type Paginator } from "../../pages.js";
