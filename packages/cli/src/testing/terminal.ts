import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { main, type Script } from "./script.js";
import { screenOf } from "./screen.js";

/** A command on its own terminal. */
export interface Terminal {
  /** Everything that was written to the terminal. */
  readonly written: () => string;
  /**
   * Resolves with the screen once it fits, also with one that was shown since the last call; rejects if the
   * command ends without one.
   */
  readonly until: (fits: (screen: readonly string[]) => boolean) => Promise<readonly string[]>;
  /** Types a text, as on the keyboard. */
  readonly type: (text: string) => void;
  readonly ended: Promise<{ readonly code: number | null; readonly screen: readonly string[] }>;
}

/**
 * Runs `img` on a terminal with this many columns. The terminal is made by `script` of util-linux, which Debian
 * and its relatives have (`bsdutils`), as they have `stty`.
 */
export function onTerminal(at: Script, columns: number, args: readonly string[]): Terminal {
  const child = startOnTerminal(at, columns, args);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  let seen = 0;
  const until: Terminal["until"] = (fits) =>
    new Promise((resolve, reject) => {
      // Several screens may come at once.
      const look = (): void => {
        for (const end of screensOf(text).filter((one) => one >= seen)) {
          const screen = screenOf(text.slice(0, end));
          if (!fits(screen)) continue;
          seen = end;
          child.stdout.off("data", look);
          resolve(screen);
          return;
        }
      };
      look();
      child.stdout.on("data", look);
      child.once("error", reject);
      child.once("close", () =>
        reject(new Error(`It ended before:\n${screenOf(text).join("\n")}`)),
      );
    });
  return {
    written: () => text,
    until,
    type: (keys) => void child.stdin.write(keys),
    ended: Promise.race([failed, closed.then((code) => ({ code, screen: screenOf(text) }))]),
  };
}

function startOnTerminal({ dir, env }: Script, columns: number, args: readonly string[]) {
  const command = `stty cols ${columns} rows 24; exec "${process.execPath}" "${main}" ${args.join(" ")}`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    cwd: dir,
    env: { TERM: "xterm", LANG: "C.UTF-8", SHELL: "/bin/sh", ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Returns the positions where a screen was complete: before each redraw, and at the end. */
function screensOf(text: string): number[] {
  const before = [...text.matchAll(/\r\x1b\[\d+A/g)].map(({ index }) => index); // eslint-disable-line no-control-regex -- a terminal's own
  return [...before, text.length];
}
