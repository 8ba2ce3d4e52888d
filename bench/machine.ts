import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";

/** The machine and the versions with which figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** The workspace's root, relative to this folder when built, `bench/dist`. */
export const root: string = join(import.meta.dirname, "../..");
export const img: string = join(root, "packages/cli/dist/main.js");

const tools = {
  curl: ["--version"],
  openssl: ["version"],
  aria2c: ["--version"],
  rclone: ["version"],
  aws: ["--version"],
};
const packages = ["@aws-sdk/lib-storage", "tus-js-client", "@tus/server"];

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown CPU",
    cores: all.length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    versions: { node: process.versions.node, ...toolVersions(), ...packageVersions() },
  };
}

export function isOnPath(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((dir) => existsSync(join(dir, tool)));
}

export const isInstalled = (name: string): boolean => existsSync(manifestOf(name));

function toolVersions(): Record<string, string> {
  const there = Object.entries(tools).filter(([tool]) => isOnPath(tool));
  return Object.fromEntries(
    there.map(([tool, args]) => {
      const told = execFileSync(tool, args, { encoding: "utf8" });
      return [tool, /\d+\.\d+\.\d+\w*/.exec(told)?.[0] ?? "unknown"];
    }),
  );
}

function packageVersions(): Record<string, string> {
  return Object.fromEntries(
    packages.filter(isInstalled).map((name) => {
      const { version } = JSON.parse(readFileSync(manifestOf(name), "utf8")) as { version: string };
      return [name, version];
    }),
  );
}

const manifestOf = (name: string): string => join(root, "bench/node_modules", name, "package.json");
