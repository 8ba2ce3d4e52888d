import { RuntimeUnsupportedError } from "@img/transfer";

/**
 * Refuses other runtimes. They can load this package, but fail in the middle of a transfer, when the image already exists:
 * Bun has only a part of `undici`, and Deno does not wake a thread that waits for shared memory.
 *
 * @throws {RuntimeUnsupportedError} This is not Node.
 */
export function checkRuntime(versions: Readonly<NodeJS.Dict<string>> = process.versions): void {
  for (const [key, name] of others) {
    const version = versions[key];
    if (version !== undefined) throw new RuntimeUnsupportedError(`${name} ${version}`);
  }
}

const others = [
  ["bun", "Bun"],
  ["deno", "Deno"],
] as const;
