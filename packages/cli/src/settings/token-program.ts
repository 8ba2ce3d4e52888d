/** There is no token, or no way to get one. Nothing was sent. */
export class NoTokenError extends Error {
  readonly code = "NO_TOKEN";
  readonly advice: string;
  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** Gets the token from a command, such as `pass show img`, and keeps it until the service refuses it. */
export class TokenCommand {
  readonly #command: string;
  #token: Promise<string> | undefined;

  constructor(command: string) {
    this.#command = command;
  }

  /** Returns the token. @throws {NoTokenError} The command failed, or printed nothing. */
  readonly get = (): Promise<string> => {
    this.#token ??= tokenFrom(this.#command).catch((error: unknown) => {
      this.forget();
      throw error;
    });
    return this.#token;
  };

  /** Forgets a token that the service did not accept: the next `get` runs the command again. */
  forget(): void {
    this.#token = undefined;
  }
}

async function tokenFrom(command: string): Promise<string> {
  const { exec } = await import("node:child_process");
  const output = await new Promise<string>((resolve, reject) => {
    // The command may ask for a passphrase. Its output is a secret, so it is never part of an error.
    const child = exec(command, { timeout: 60_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(failed(command, `ended with ${String(error.code ?? error.signal)}`));
    });
    child.stderr?.pipe(process.stderr, { end: false });
  });
  const token = output.split("\n")[0]!.trim();
  if (token === "") throw failed(command, "printed nothing");
  return token;
}

const failed = (command: string, how: string): NoTokenError =>
  new NoTokenError(
    `The token command "${command}" ${how}.`,
    "Try it by hand; the first line that it prints is the token.",
  );
