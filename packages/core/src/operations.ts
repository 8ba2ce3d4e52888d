import type { ApiVersion, Target } from "./api-version.js";
import type { Decoder } from "./decode.js";
import type { DeclaredStatus } from "./declared-errors.js";

/** Where the calls about all images go; `{images}` stands for the prefix of the API's version. */
export const imagesPath = "{images}";

const prefixes: Readonly<Record<ApiVersion, string>> = {
  v2: "v2/images",
  preview: "preview/v2/images",
};

/** One operation of the API: its call, its answer, and the errors that it declares. */
export interface Operation<Answer> {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the server URL; `{id}` stands for what names the image. */
  readonly path: string;
  readonly success: 200 | 201;
  /** What `v2` declares. Preview may answer 403 to any call besides. */
  readonly errors: readonly DeclaredStatus[];
  /** Checks what the caller gave and puts it where it travels. */
  readonly input: (given: unknown, target: Target) => OperationInput;
  readonly answer: Decoder<Answer>;
}

export interface OperationInput {
  readonly id?: string | undefined;
  /** A list is sent as the same parameter several times. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The operation's path below the server URL. */
export function pathOf(
  { path }: Operation<unknown>,
  { id = "" }: OperationInput,
  version: ApiVersion,
): string {
  return path.replace(imagesPath, prefixes[version]).replace("{id}", encodeURIComponent(id));
}

/** The status as one that the contract declares for the operation, in this version. */
export function declaredStatus(
  { errors }: Operation<unknown>,
  version: ApiVersion,
  status: number,
): DeclaredStatus | undefined {
  if (status === 403 && version === "preview") return 403;
  return errors.find((declared) => declared === status);
}
