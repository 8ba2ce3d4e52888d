// An upload whose process is killed, and the next process, which resumes it:
//   node examples/dist/resume-after-crash.js FILE
// The program starts itself a second time for the first run, and kills that with SIGKILL: no handler
// runs, nothing is saved at the last moment. What the journal says is all that the next run has.
import { fork } from "node:child_process";
import { once } from "node:events";
import { listTransfers, uploadImage } from "@img/node-fs";
import "./one-line.js"; // for the messages alone; leave it out

const [path = "disk.img", role] = process.argv.slice(2);

if (role === "first run") {
  await uploadImage(path, {
    maxBytesPerSecond: 64 * 1024 * 1024, // slow enough to be killed in the middle
    onProgress: ({ partsDone }) => process.send?.(partsDone),
  });
  process.disconnect();
} else {
  const child = fork(import.meta.filename, [path, "first run"]);
  child.on("message", (partsDone) => {
    if (Number(partsDone) > 0) child.kill("SIGKILL");
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code) process.exit(code); // it has printed why
  console.log(`the first run ended with ${signal ?? "success"}`);

  for (const { key, partsDone, partsTotal } of await listTransfers()) {
    console.log(`${key.name}: ${partsDone} of ${partsTotal} parts have a receipt`);
  }

  const { image, resumed, sizeBytes, sentBytes } = await uploadImage(path);
  console.log(`${image.id} is complete; resumed: ${String(resumed)}`);
  console.log(`${sizeBytes - sentBytes} of ${sizeBytes} bytes were there already`);
}
