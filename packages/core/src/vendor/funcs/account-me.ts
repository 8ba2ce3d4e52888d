export { accountMe } from "../../account-me.js";
