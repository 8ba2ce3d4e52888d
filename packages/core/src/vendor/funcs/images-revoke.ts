export { imagesRevoke } from "../../images-revoke.js";
