import { homedir } from "node:os";
import { stateDir } from "./state-dir.js";

/** Where this user's uploads are remembered unless told otherwise. */
export const stateDirOfUser = (): string =>
  stateDir({ env: process.env, platform: process.platform, home: homedir() });
