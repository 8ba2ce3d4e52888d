// Runs in the namespace at the link's far end: the discarding server, and each contender at the near end in its turn.
import { compare } from "../compare.js";
import type { BenchOptions } from "../options.js";
import { downloadContenders } from "../peers/download-contenders.js";
import { uploadContenders } from "../peers/upload-contenders.js";
import { onStage, type Stage } from "../stage.js";
import { farAddress } from "./wan-link.js";

/** Those that one link in front can be compared by: curl sends and receives over one connection. */
const contenders = ["img", "floor", "vendor", "curl", "aria2c"];

const [near = "", without = "", given = ""] = process.argv.slice(2);
const options = JSON.parse(given) as BenchOptions;

const rows = await onStage(
  options,
  1,
  async (stage) => {
    const both = [
      ...uploadContenders(stage, options, null, null),
      ...downloadContenders(stage, options),
    ];
    const asked = both
      .filter(({ name }) => contenders.includes(name) && !without.split(",").includes(name))
      .filter(({ name }) => options.only.length === 0 || options.only.includes(name))
      .map((contender) => ({
        ...contender,
        command: contender.command && ["ip", "netns", "exec", near, ...contender.command],
      }));
    return compare(asked, stage.sizeBytes, options.runs, withoutProxies(stage));
  },
  farAddress,
);
process.send?.(rows);

/** What a proxy of this machine would reach is not in the namespace. */
function withoutProxies({ env }: Stage): NodeJS.ProcessEnv {
  return { ...env, NO_PROXY: farAddress, no_proxy: farAddress };
}
