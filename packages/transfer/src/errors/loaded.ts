import { ScriptNotLoadedError } from "../errors.js";

/**
 * A script that is loaded when it is first needed: what it rejects with is typed.
 *
 * @throws {ScriptNotLoadedError} It could not be loaded.
 */
export async function loaded<Module>(loading: Promise<Module>): Promise<Module> {
  try {
    return await loading;
  } catch (cause) {
    throw new ScriptNotLoadedError(cause);
  }
}
