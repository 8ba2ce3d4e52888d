/** An explanation of an error, for people. */
export interface ErrorExplanation {
  /** What happened and why, in one line, without advice. */
  readonly what: string;
  /** What to do about it; undefined if that is not known. */
  readonly advice: string | undefined;
}

/**
 * Splits an error of this package into what happened and what to do. Errors are told apart by `code`, so errors of
 * another copy of this package are explained too, and failed connections to an object store (`TRANSPORT`, with the
 * platform's code as `reason`). Any other error is its message, without advice.
 */
export function explainError(error: unknown): ErrorExplanation {
  if (!(error instanceof Error)) return { what: String(error), advice: undefined };
  const code = field(error, "code");
  const what = error.message.split("\n", 1)[0] ?? "";
  switch (code) {
    case "CONNECTION_FAILED":
      return unreachable(
        "service",
        what.replace(/^Unable to make request: /, ""),
        platformCode(error),
      );
    case "TRANSPORT":
      return ofStore(what, field(error, "reason"));
    case "WORKSPACE_REQUIRED":
      return { what: "The service requires a workspace.", advice: advices[code] };
    case "HTTP_ERROR":
      return { what, advice: byStatus[field(error, "statusCode")] ?? notTheApi };
    default:
      return { what, advice: advices[code] };
  }
}

const notTheApi = "Check that `serverURL` is the address of the Images API.";
const later = "Try again later.";

const advices: Readonly<Record<string, string>> = {
  BAD_REQUEST: "Correct the request; `error.details` names the fields.",
  WORKSPACE_REQUIRED: 'Set `workspace` and `apiVersion: "preview"`.',
  UNAUTHORIZED: "Pass a valid token as `bearerAuth`.",
  FORBIDDEN: "The image belongs to another account; only that account can change it.",
  NOT_FOUND: "Check the id. The image was deleted, or belongs to another account.",
  CONFLICT: "Look at the image's state, or choose another name.",
  INTERNAL_SERVER_ERROR: later,
  RESPONSE_INVALID: notTheApi,
  INPUT_INVALID: "Correct the call. Nothing was sent.",
  REQUEST_INVALID: "Correct the option. Nothing was sent.",
  REQUEST_TIMEOUT: "Check the address and the network, or raise `timeoutMs`.",
};

const byStatus: Readonly<Record<string, string>> = {
  407: "Give the proxy its user name and password.",
  408: later,
  413: "A proxy limits the size of requests; raise its limit.",
  429: "The service limits the rate of requests. Try again later.",
  500: later,
  502: later,
  503: later,
  504: later,
};

/** Why a connection failed, and what to do, by the platform's code. */
const connections: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  ECONNREFUSED: ["connection refused", "Check the address and that the server runs."],
  ENOTFOUND: ["the host is not known", "Check the address and the DNS."],
  EAI_AGAIN: ["the DNS does not answer", "Check the network and the DNS."],
  CERT_HAS_EXPIRED: ["its certificate has expired", "Renew it, or check this machine's clock."],
  CERT_NOT_YET_VALID: ["its certificate is not valid yet", "Check this machine's clock."],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "its certificate is for another host",
    "Use the host name that the certificate has.",
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["its certificate is self-signed", "trust"],
  SELF_SIGNED_CERT_IN_CHAIN: ["its certificate is of an unknown authority", "trust"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["its certificate is of an unknown authority", "trust"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["its certificate is of an unknown authority", "trust"],
};

/** Why a connection ended, or was not made, where another try may help. */
const interruptions: readonly (readonly [code: RegExp, why: string])[] = [
  [/^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET)$/, "connection closed by the other side"],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, "no answer in time"],
  [/^E(HOST|NET)(UNREACH|DOWN)$/, "no route to the host"],
  [/^HOSTNAME_MISMATCH$/, "its certificate is for another host"],
  [/^(CERT_|UNABLE_TO_)/, "its certificate is not valid"],
  [/^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/, "its answer is not TLS"],
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, "the TLS connection failed"],
];

/**
 * Why a connection failed, in words.
 *
 * @param code The platform's, such as ECONNREFUSED or CERT_HAS_EXPIRED.
 * @returns Undefined if there are no words for it.
 */
export function connectionReason(code: string): string | undefined {
  const [known] = Object.hasOwn(connections, code) ? connections[code]! : [];
  return known ?? interruptions.find(([pattern]) => pattern.test(code))?.[1];
}

const trust =
  "If the server is yours, have this process trust its certificate (on Node: NODE_EXTRA_CA_CERTS=FILE.pem).";

/** Where its message already says all, there is nothing to add. */
function ofStore(what: string, code: string): ErrorExplanation {
  return Object.hasOwn(connections, code)
    ? unreachable("object store", code, code)
    : { what, advice: undefined };
}

function unreachable(where: string, why: string, code: string): ErrorExplanation {
  const [known, advice] = connections[code] ?? [];
  const detail = known === undefined ? why : `${known} (${why})`;
  return {
    what: `The ${where} cannot be reached: ${detail.replace(/\.$/, "")}.`,
    advice: advice === "trust" ? trust : (advice ?? "Check the address and the network."),
  };
}

function field(error: Error, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The innermost code of an error's causes, such as ECONNREFUSED; empty if there is none. */
function platformCode(error: Error): string {
  let code = "";
  for (let at: unknown = error.cause, depth = 0; at instanceof Error && depth < 8; depth++) {
    code = field(at, "code") || code;
    at = at.cause;
  }
  return code;
}
