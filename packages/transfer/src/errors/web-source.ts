import { TransferError } from "./transfer-error.js";

/** The server of a URL that is uploaded cannot be reached. What has arrived of the image stays; call again to resume. */
export class SourceUnreachableError extends TransferError {
  readonly code = "SOURCE_UNREACHABLE";
  /** The server's name, with its port where the URL has one. */
  readonly host: string;
  /** The platform's error code, such as ECONNREFUSED, or a few words. */
  readonly reason: string;
  constructor(host: string, reason: string, through: string | null = null) {
    const way = through === null ? "" : ` (through the proxy ${through})`;
    super(`The connection to the web server ${host} ended${way}: ${reason}.`, {
      advice: "Check the URL and the network, then try again: what has arrived is kept.",
    });
    this.host = host;
    this.reason = reason;
  }
}

/** The server of a URL that is uploaded does not give the file. What has arrived of the image stays. */
export class SourceRefusedError extends TransferError {
  readonly code = "SOURCE_REFUSED";
  /** The HTTP status of the answer. */
  readonly status: number;
  /** @param label The URL without query and user info. */
  constructor(label: string, status: number, why = `the server answers ${status}`) {
    super(`${label} cannot be read: ${why}.`, { advice: adviceFor(status) });
    this.status = status;
  }
}

function adviceFor(status: number): string {
  if (status === 404 || status === 410) return "Check the URL.";
  if (status !== 401 && status !== 403) return "Try again later: what has arrived is kept.";
  return "If the URL has expired, try again with a new one: what has arrived is kept.";
}
