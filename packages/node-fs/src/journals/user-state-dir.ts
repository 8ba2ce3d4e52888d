import { homeFolder } from "./home-folder.js";
import { stateDir } from "./state-dir.js";

/**
 * Where this user's uploads are remembered unless told otherwise.
 *
 * @throws {JournalIoError} This user has no home, and the environment names no folder.
 */
export const stateDirOfUser = (): string =>
  stateDir({ env: process.env, platform: process.platform, home: homeFolder() });
