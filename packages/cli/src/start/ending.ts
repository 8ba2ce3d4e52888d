import { OutputError, printError, runImg } from "../run-img.js";

const exitOfClosed = 1;

/** Runs a command line and ends the process with its exit code, once everything was written. */
export async function endWith(argv: readonly string[]): Promise<void> {
  const unwritten = (error: Error & { code?: string }): never => {
    // A reader such as `head` may have seen enough; what a transfer has sent is in its journal.
    const isClosed = error.code === "EPIPE";
    process.exit(isClosed ? exitOfClosed : printError(argv, new OutputError({ cause: error })));
  };
  process.stdout.on("error", unwritten);
  process.stderr.on("error", () => process.exit(exitOfClosed));
  process.on("uncaughtException", (error) => process.exit(printError(argv, error)));
  const exitCode = await runImg(argv);
  // Idle connections would keep the process for seconds; what was written must be out first.
  process.stdout.write("", (error) => {
    if (error) unwritten(error);
    process.stderr.write("", () => process.exit(exitCode));
  });
}
