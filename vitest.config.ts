import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Tests run on the sources: each entry of a package's `exports` points at the file that it is built from. */
function sourceAliases() {
  return readdirSync("packages").flatMap((folder) => {
    const { name, exports } = JSON.parse(
      readFileSync(`packages/${folder}/package.json`, "utf8"),
    ) as {
      name: string;
      exports: Record<string, Target>;
    };
    return Object.entries(exports).map(([subpath, target]) => ({
      find: new RegExp(
        `^${(name + subpath.slice(1)).replace(/[/.]/g, "\\$&").replace("*", "(.*)")}$`,
      ),
      replacement: `${import.meta.dirname}/packages/${folder}/${sourceOf(builtOf(target)).replace("*", "$1")}`,
    }));
  });
}

type Target = string | { default: string } | { import: { default: string } };

const builtOf = (target: Target) => {
  if (typeof target === "string") return target;
  return "import" in target ? target.import.default : target.default;
};

const sourceOf = (built: string) => built.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");

/** Over ports in memory: no global, no file, no socket is theirs. */
const inMemory = ["packages/transfer/src/**/*.test.ts"];

/** What leans on Node: its fetch, sockets, files and threads. */
const onEveryNode = ["packages/{core,files,node-fs}/src/**/*.test.ts"];

/**
 * Over a clock that runs faster, which stands in the place of Node's in all of their modules: they share
 * their processes, and with them what was loaded and compiled, which saves an eighth of their time.
 */
const inFastTime = [
  "packages/node-fs/src/{download-image,files/byte-streams,threads/lane-thread-pool}.test.ts",
  "packages/node-fs/src/fault-test/{api-answers,download-faults,early-answer,life-cycle,network-faults,soak,store-answers}.test.ts",
];

/** Over modules that stand in the place of others, which they would leave in a process that they share. */
const overOtherModules = [
  "packages/node-fs/src/{fault-test/slow-down,web/{redirects,url-source}}.test.ts",
];

/**
 * What they try runs in processes of its own, or is a server that each test starts. Tests share theirs, which
 * saves a quarter of their time.
 */
const commandAndServer = ["packages/{cli,local-server}/src/**/*.test.ts"];

/** They take the longest of all, and run first, by the name of their project: at the end, one would run alone. */
const browsersAndCrashes = [
  "{packages/browser-blob,page}/src/**/*.test.ts",
  "packages/{files,node-fs}/src/crash-test/**/*.test.ts",
  "{guards/{bundled,installed},release/rehearse}.test.ts",
];

/** Not what asks a compiler or a browser, nor the crash tests: they are about our logic, and take minutes. */
const onOneNode = ["packages/core/src/{bundle,chromium,package}.test.ts"];

// Those of `npm run test:s3` need a real S3-compatible store.
const never = ["**/node_modules/**", "**/dist/**", "**/*.s3.test.ts"];

/** Of every test. Its limits are there against hanging alone: on a machine that is busy all takes its time. */
export const common = {
  // Two more than CI has cores: a tenth of the time, tests wait for clocks, disks and other processes.
  maxWorkers: 4,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 40_000 } },
  coverage: {
    provider: "v8" as const,
    include: ["packages/*/src/**/*.ts"],
    exclude: ["**/*.test.ts", "**/*.d.ts"],
    reporter: ["text", "json-summary"],
  },
};

export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    projects: [
      {
        extends: true,
        test: { name: "browsers and crashes", include: browsersAndCrashes, exclude: never },
      },
      {
        extends: true,
        test: {
          name: "command and server",
          include: commandAndServer,
          exclude: never,
          isolate: false,
        },
      },
      // They share their processes: each file in its own would take a quarter longer, for loading alone.
      // Projects run in the order of their names, and these short files fill the end.
      { extends: true, test: { name: "without Node", include: inMemory, isolate: false } },
      {
        extends: true,
        test: { name: "every Node, in fast time", include: inFastTime, isolate: false },
      },
      {
        extends: true,
        test: { name: "every Node, over other modules", include: overOtherModules },
      },
      // They share their processes: to load all in each would take a third of their CPU.
      {
        extends: true,
        test: {
          name: "every Node",
          include: onEveryNode,
          exclude: [
            ...[...never, ...browsersAndCrashes, ...onOneNode],
            ...[...inFastTime, ...overOtherModules],
          ],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "one Node",
          include: [
            "{packages/disk-formats/src,examples,bench,guards,release}/**/*.test.ts",
            ...onOneNode,
          ],
          exclude: [...never, ...browsersAndCrashes],
        },
      },
    ],
    ...common,
  },
});
