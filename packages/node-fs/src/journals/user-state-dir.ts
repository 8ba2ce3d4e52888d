import { homeFolder } from "./home-folder.js";
import { stateDir } from "./state-dir.js";

/**
 * Returns the folder of this user's journals, if `stateDir` is not given.
 *
 * @throws {JournalIoError} This user has no home, and the environment names no folder.
 */
export const stateDirOfUser = (): string =>
  stateDir({ env: process.env, platform: process.platform, home: homeFolder() });
