export { imagesFetch } from "../../images-fetch.js";
