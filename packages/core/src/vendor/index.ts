// The one list of them is the module itself.
export * from "../index.js";
