/** What the command's bundle gives, as far as its start and end need it. */
interface Img {
  readonly runImg: (argv: readonly string[]) => Promise<number>;
  readonly tellError: (argv: readonly string[], error: unknown) => number;
  readonly OutputError: new (options: { readonly cause: Error }) => Error;
}

/**
 * undici's parser of HTTP is WebAssembly. After a request V8 begins to optimize it, and a process does not
 * end before that is done, which takes 100 ms (measured): as long as all else that a short command does.
 * With this flag it begins only after a few thousand requests' worth of work.
 */
export const wasmTieringFlag = "--wasm-tiering-budget=1000000000";

const exitOfClosed = 1;

/**
 * Runs a command line and ends the process with its exit code, once everything was written.
 *
 * @param keep Called after a success, before the process ends.
 */
export async function endWith(
  argv: readonly string[],
  { runImg, tellError, OutputError }: Img,
  keep: () => void = () => undefined,
): Promise<void> {
  const unwritten = (error: Error & { code?: string }): never => {
    // A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
    const isClosed = error.code === "EPIPE";
    process.exit(isClosed ? exitOfClosed : tellError(argv, new OutputError({ cause: error })));
  };
  process.stdout.on("error", unwritten);
  process.stderr.on("error", () => process.exit(exitOfClosed));
  process.on("uncaughtException", (error) => process.exit(tellError(argv, error)));
  const exitCode = await runImg(argv);
  if (exitCode === 0) keep();
  // Idle connections would keep the process for seconds; what was written must be out first.
  process.stdout.write("", (error) => {
    if (error) unwritten(error);
    process.stderr.write("", () => process.exit(exitCode));
  });
}
