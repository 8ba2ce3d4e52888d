import { join } from "node:path";
import type { Contender } from "../compare.js";
import type { BenchOptions } from "../options.js";
import { servedId } from "../sink/images-api.js";
import { imgCommand, insideSeconds, type Stage } from "../stage.js";
import { withTools } from "./upload-contenders.js";

export function downloadContenders(stage: Stage, options: BenchOptions): readonly Contender[] {
  const { folder, origin, certificate, sha256 } = stage;
  const out = join(folder, "out");
  const curl = `curl -sf --cacert '${certificate}'`;
  return [
    {
      name: "img",
      what: "img download",
      command: imgCommand(["download", servedId, out, "--overwrite"], options),
      insideSeconds,
    },
    {
      name: "curl",
      what: "curl -o, then openssl dgst",
      command: withTools(
        ["curl", "openssl"],
        `${curl} -o '${out}' ${origin}/blob && openssl dgst -sha256 '${out}' >/dev/null`,
      ),
    },
    {
      name: "aria2c",
      what: "aria2c -x4 --checksum",
      command: withTools(
        ["aria2c"],
        `aria2c -q --ca-certificate='${certificate}' -x4 -s4 -k16M --file-allocation=none --allow-overwrite=true --checksum=sha-256=${sha256} -d '${folder}' -o out ${origin}/blob`,
      ),
    },
    {
      name: "ceiling",
      what: "4 x curl to nowhere, no digest (what the server can give)",
      command: withTools(["curl"], ceilingOf(curl, stage)),
    },
  ];
}

function ceilingOf(curl: string, { origin, sizeBytes }: Stage): string {
  const quarter = Math.ceil(sizeBytes / 4);
  const gets = [0, 1, 2, 3].map((n) => {
    const last = Math.min((n + 1) * quarter, sizeBytes) - 1;
    return `${curl} -r ${n * quarter}-${last} -o /dev/null ${origin}/blob & p${n}=$!`;
  });
  return `${gets.join("; ")}; wait $p0 && wait $p1 && wait $p2 && wait $p3`;
}
