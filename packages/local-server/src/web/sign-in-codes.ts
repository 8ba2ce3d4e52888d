import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const validMs = 5 * 60_000;

/** Codes that a browser exchanges for the token, each once and within five minutes. */
export class SignInCodes {
  readonly #token: string;
  readonly #clock: () => number;
  #open: readonly { readonly hash: Buffer; readonly untilMs: number }[] = [];

  /** @param clock The time in Unix milliseconds. */
  constructor(token: string, clock: () => number) {
    this.#token = token;
    this.#clock = clock;
  }

  issue(): string {
    const code = randomBytes(16).toString("base64url");
    this.#open = [...this.#open, { hash: hashOf(code), untilMs: this.#clock() + validMs }];
    return code;
  }

  /** Exchanges a code. @returns The token; null if the code is unknown, was used, or is too old. */
  exchange(code: string): string | null {
    const hash = hashOf(code);
    const valid = this.#open.filter(({ untilMs }) => untilMs > this.#clock());
    this.#open = valid.filter((one) => !timingSafeEqual(one.hash, hash));
    return this.#open.length < valid.length ? this.#token : null;
  }
}

/** Makes codes of any length comparable in constant time. */
const hashOf = (code: string): Buffer => createHash("sha256").update(code).digest();
