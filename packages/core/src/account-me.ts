import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { fromWire, matching } from "./decode.js";
import type { AccountResponse } from "./models.js";
import type { Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const getAccount: Operation<AccountResponse> = {
  method: "GET",
  path: "v1/account/me",
  success: 200,
  errors: [401, 403, 404, 500],
  input: () => ({}),
  answer: fromWire<AccountResponse>({
    id: matching("letters, digits and [._-]", /^[a-zA-Z0-9._-]+$/), // as part of a path
  }),
};

/** Gets the account that the token is of: `sfc:workspace:ID:default` is its default workspace. */
export function accountMe(
  client: SfcCore,
  options?: RequestOptions,
): APIPromise<Result<AccountResponse, CallError>> {
  return callApi(client, getAccount, undefined, options);
}
