export { imagesReinstate } from "../../images-reinstate.js";
