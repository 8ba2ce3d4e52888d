// Resumes an upload on another machine:  node examples/dist/resume-elsewhere.js FILE SHARE
// Both machines have the same file, and SHARE is a folder that both see. One at a time: the lock is on
// the disk of each machine, not on the share.
import { fileJournals, stateDirOfUser, uploadImage } from "@img/node-fs";
import { mirroredJournals } from "./mirrored-journals.js";
import "./one-line.js"; // for the messages alone; leave it out

const [path = "disk.img", share = "journals"] = process.argv.slice(2);

const { image, resumed, sentBytes } = await uploadImage(path, {
  journals: mirroredJournals(fileJournals(stateDirOfUser()), share),
  onProgress: ({ partsDone, partsTotal }) => console.log(`${partsDone} of ${partsTotal} parts`),
});

console.log(`${image.id} is complete; resumed: ${String(resumed)}, ${sentBytes} bytes sent`);
