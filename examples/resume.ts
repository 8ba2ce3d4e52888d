// Stops an upload in the middle and resumes it:  node examples/dist/resume.js FILE
// To pause is to abort the signal; to resume is to call again with the same arguments. A process that
// was killed, or a machine that lost power, is resumed in the same way: there is no second one.
import { uploadImage } from "@img/node-fs";
import "./one-line.js"; // for the messages alone; leave it out

const [path = "disk.img"] = process.argv.slice(2);
const pause = new AbortController();

try {
  await uploadImage(path, {
    signal: pause.signal,
    maxBytesPerSecond: 64 * 1024 * 1024, // slow enough to be stopped
    onProgress: ({ partsDone }) => {
      if (partsDone > 0) pause.abort(new Error("paused"));
    },
  });
} catch (error) {
  if (!pause.signal.aborted) throw error;
  console.log(`stopped: ${(error as Error).message}`);
}

const { image, resumed, sizeBytes, sentBytes } = await uploadImage(path);
console.log(`${image.id} is complete; resumed: ${String(resumed)}`);
console.log(`${sizeBytes - sentBytes} of ${sizeBytes} bytes were there already`);
