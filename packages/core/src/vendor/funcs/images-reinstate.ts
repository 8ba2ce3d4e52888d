export { imagesReinstate } from "../../images-revoke-reinstate.js";
