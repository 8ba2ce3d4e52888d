// Runs in the namespace at the far end of the link: starts the discarding server there, and each contender, in
// turn, at the near end.
import { compare } from "../compare.js";
import type { BenchOptions } from "../options.js";
import { downloadContenders } from "../peers/download-contenders.js";
import { uploadContenders } from "../peers/upload-contenders.js";
import { onStage, type Stage } from "../stage.js";
import { farAddress } from "./wan-link.js";

/** The contenders that can be compared over one link: curl sends and receives over one connection. */
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

/** Removes the variables of proxies, which cannot be reached from the namespace. */
function withoutProxies({ env }: Stage): NodeJS.ProcessEnv {
  return { ...env, NO_PROXY: farAddress, no_proxy: farAddress };
}
