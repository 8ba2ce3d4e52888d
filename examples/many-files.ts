// Uploads many files, two at a time, under one limit:  node examples/dist/many-files.js FILE...
// A file that cannot go up stops no other. Run it again after any interruption: what is complete is
// skipped by its name and digest, what is unfinished is resumed.
import { basename } from "node:path";
import { uploadImage } from "@img/node-fs";
import "./one-line.js"; // for the messages alone; leave it out

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("Give the files to upload.");
const atOnce = 2; // more files at once are no faster: one upload fills a link with its lanes
const bytesPerSecond = 200 * 1024 * 1024; // for all together
let failures = 0;

async function uploadOne(path: string): Promise<void> {
  try {
    const { image, sentBytes, resumed } = await uploadImage(path, {
      ifNameTaken: "verify", // complete already, with this very file's SHA-256? Then all is well
      maxBytesPerSecond: bytesPerSecond / atOnce,
      memoryBytes: 128 * 1024 * 1024,
    });
    console.log(`${image.name}: ${image.id}, ${sentBytes} bytes sent${resumed ? ", resumed" : ""}`);
  } catch (error) {
    failures += 1;
    console.error(`${basename(path)}: ${(error as Error).message}`);
  }
}

/** Takes the next file as long as there is one. Two of these run side by side. */
async function worker(queue: Iterator<string>): Promise<void> {
  for (let next = queue.next(); next.done !== true; next = queue.next())
    await uploadOne(next.value);
}

const queue = files.values();
await Promise.all(Array.from({ length: atOnce }, () => worker(queue)));
console.log(`${files.length - failures} of ${files.length} files are complete`);
process.exitCode = failures === 0 ? 0 : 1;
