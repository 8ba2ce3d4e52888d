import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { main, script, type Script } from "../testing/script.js";

/** How each shell is started without the user's own settings, and how it loads what `img completion` prints. */
const shells = [
  ["bash", "bash --norc --noprofile -i", 'eval "$(img completion bash)"'],
  [
    "zsh",
    "zsh -f -i",
    'autoload -Uz compinit; compinit -u -d zcompdump; eval "$(img completion zsh)"',
  ],
  ["fish", "fish --no-config --interactive", "img completion fish | source"],
] as const;

/** A script that prints its arguments in brackets, and passes completions on to the built command. */
const fakeImg = `#!/bin/sh
case "$1" in complete|completion) exec "${process.execPath}" "${main}" "$@";; esac
printf 'given:'; printf '<%s>' "$@"; echo
`;

/** Starts a shell on a terminal, with an image on the server and a file that has a space in its name. */
async function inShell(command: string, load: string) {
  const world = await script();
  world.file("my disk.img", 1000);
  expect((await world.img("upload", "my disk.img", "--name", "debian-12")).code).toBe(0);
  // The first call does not wait for names that the server is slow to list; later ones find them in the
  // cache.
  while ((await world.img("complete", "--", "rm", "deb")).stdout === "");
  mkdirSync(join(world.dir, "bin"));
  writeFileSync(join(world.dir, "bin/img"), fakeImg);
  chmodSync(join(world.dir, "bin/img"), 0o755);
  const shell = onPseudoTerminal(command, world);
  await shell.typed(load);
  return shell;
}

function onPseudoTerminal(command: string, { dir, env }: Script) {
  const child = spawn("script", ["-qfec", `stty cols 120 rows 24; exec ${command}`, "/dev/null"], {
    cwd: dir,
    env: { ...env, PATH: `${join(dir, "bin")}:${env["PATH"]}`, TERM: "dumb", LANG: "C.UTF-8" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  let lines = 0;
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const [found] = pattern.exec(text) ?? [];
        if (found === undefined) return;
        child.stdout.off("data", look);
        resolve(found);
      };
      child.stdout.on("data", look);
      child.once("close", () => reject(new Error(`It ended before:\n${text}`)));
      look();
    });
  return {
    /** Types a line and waits until the shell has run it. */
    typed: async (line: string): Promise<void> => {
      const mark = `line-${++lines}`;
      child.stdin.write(`${line}\necho do"ne" ${mark}\n`);
      await until(new RegExp(`done ${mark}`));
    },
    /**
     * Types a command followed by a tab, then Enter once completion has run.
     *
     * @returns The arguments that `img` was run with.
     */
    completed: async (line: string): Promise<string> => {
      const from = text.length;
      child.stdin.write(`${line}\t\n`);
      return (await until(new RegExp(`(?<=[^]{${from}}[^]*given:).*(?=\r?\n)`))).trim();
    },
  };
}

describe.each(shells)("in %s", (name, command, load) => {
  const isThere = spawnSync(name, ["-c", "true"]).status === 0;
  test.runIf(isThere && process.platform === "linux")(
    "a tab completes commands, values of options, names of images, and files with blanks in their names",
    async () => {
      const { completed } = await inShell(command, load);
      expect(await completed("img downl")).toBe("<download>");
      expect(await completed("img transfers res")).toBe("<transfers><resume>");
      expect(await completed("img upload --if-image-gone res")).toBe(
        "<upload><--if-image-gone><restart>",
      );
      expect(await completed("img rm deb")).toBe("<rm><debian-12>");
      expect(await completed("img upload my")).toBe("<upload><my disk.img>");
    },
  );
});
