import type { TransferPhase } from "../progress.js";
import { TransferError } from "./transfer-error.js";

/** The service handed out a part URL that must not be used: another scheme, or with user info. */
export class UnsafeUrlError extends TransferError {
  readonly code = "UNSAFE_URL";
  constructor(why: string) {
    super(`The service handed out a URL that is not safe to use: ${why}.`);
  }
}

/**
 * The service answered about something else than it was asked: another image or name, a state that makes no
 * sense, one URL for two parts, a list without an end. Trying again did not help.
 */
export class WrongAnswerError extends TransferError {
  readonly code = "WRONG_ANSWER";
  constructor(what: string) {
    super(`The service gave a wrong answer: ${what}.`, {
      advice: "Run it again to resume; if it happens again, report it to the service's operator.",
    });
  }
}

/** The object store refused a part for good. */
export class PartRefusedError extends TransferError {
  readonly code = "PART_REFUSED";
  /** The part's number, from 1. */
  readonly part: number;
  /** The HTTP status of the refusal; null if it was no answer that was refused. */
  readonly status: number | null;
  constructor(part: number, status: number | null, why: string, options?: ErrorOptions) {
    super(`The object store refused part ${part}: ${why}.`, options);
    this.part = part;
    this.status = status;
  }
}

/** The API refused a call of the transfer for good. `cause` is the client's typed error. */
export class ApiRefusedError extends TransferError {
  readonly code = "API_REFUSED";
}

/** The service does not accept the token. */
export class NotAuthorizedError extends TransferError {
  readonly code = "NOT_AUTHORIZED";
  constructor(options?: ErrorOptions) {
    super("The service does not accept the token.", {
      advice: "Check SFC_BEARER_AUTH, or get a new one.",
      ...options,
    });
  }
}

/** Nothing got further for as long as `retryBudgetMs`. What has arrived stays; call again to resume. */
export class NoProgressError extends TransferError {
  readonly code = "NO_PROGRESS";
  constructor(phase: TransferPhase, budgetMs: number, last: string, options?: ErrorOptions) {
    super(
      `No progress (${phase}) for ${Math.round(budgetMs / 1000)} s; the last try ended with: ${last.replace(/\.$/, "")}.`,
      { advice: "What has arrived is kept: call again to resume.", ...options },
    );
  }
}

/** A transport's word that a request ended without an answer. The engine tries again. */
export class TransportError extends TransferError {
  readonly code = "TRANSPORT";
  /** The platform's error code, such as ECONNRESET, for the retry rules. */
  readonly reason: string;
  /** Whether the socket was a reused one that had carried nothing of this request yet. */
  readonly staleSocket: boolean;
  /** The proxy between, without user and password; null for none. */
  readonly through: string | null;
  constructor(reason: string, staleSocket: boolean, through: string | null = null) {
    const way = through === null ? "" : ` (through the proxy ${through})`;
    const isLimit = reason === "EMFILE" || reason === "ENFILE";
    const advice = "Raise the limit of open files (ulimit -n), or use fewer lanes.";
    super(`The connection to the object store ended${way}: ${reason}.`, isLimit ? { advice } : {});
    this.reason = reason;
    this.staleSocket = staleSocket;
    this.through = through;
  }
}
