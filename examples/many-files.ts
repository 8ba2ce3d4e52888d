// Uploads many files, as many at once as pays, under one limit:  node examples/dist/many-files.js FILE...
// A file that cannot be uploaded stops no other. Run it again after any interruption: what is complete is
// skipped by its name and digest, what is unfinished is resumed.
import { createTransfers } from "@img/node-fs";
import "./one-line.js"; // for the messages alone; leave it out

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("Give the files to upload.");

const transfers = createTransfers({ maxBytesPerSecond: 200 * 1024 * 1024 }); // for all together
const uploads = files.map((file) => transfers.upload(file, { ifNameTaken: "accept-same" }));
const results = await Promise.allSettled(uploads);
await transfers.close();

const failed = results.filter(({ status }) => status === "rejected");
for (const [index, result] of results.entries()) {
  if (result.status === "rejected")
    console.error(`${files[index]}: ${(result.reason as Error).message}`);
  else
    console.log(`${files[index]}: ${result.value.image.id}, ${result.value.sentBytes} bytes sent`);
}
console.log(`${files.length - failed.length} of ${files.length} files are complete`);
process.exitCode = failed.length === 0 ? 0 : 1;
