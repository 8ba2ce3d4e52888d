import { imagesPath } from "./operations.js";
import type { Call } from "./send.js";

/** Whether a 400 is about a workspace, and the call, which could have named one, did not. */
export function lacksWorkspace({ operation, input }: Call, status: number, body: object): boolean {
  if (status !== 400 || operation.path !== imagesPath) return false;
  if ((input.query ?? input.body)?.["workspace"] !== undefined) return false;
  return /workspace/i.test(JSON.stringify(body));
}
