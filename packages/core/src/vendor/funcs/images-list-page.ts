export { imagesListPage } from "../../images-list-page.js";
