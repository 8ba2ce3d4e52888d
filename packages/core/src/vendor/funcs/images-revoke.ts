export { imagesRevoke } from "../../images-revoke-reinstate.js";
