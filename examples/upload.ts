// Uploads a file and shows how far it is:  node examples/dist/upload.js FILE
// The service and the token come from SFC_SERVER_URL and SFC_BEARER_AUTH.
import { uploadImage } from "@img/node-fs";
import "./one-line.js"; // for the messages alone; leave it out

const [path = "disk.img"] = process.argv.slice(2);

const { image, sha256, sentBytes, resumed } = await uploadImage(path, {
  onProgress: ({ doneBytes, inFlightBytes, sizeBytes }) => {
    const percent = Math.floor(((doneBytes + inFlightBytes) / sizeBytes) * 100);
    process.stderr.write(`\r${percent}%`);
  },
});

console.log(`\n${image.name} is ${image.id}, SHA-256 ${sha256}`);
console.log(`${resumed ? "resumed" : "fresh"}, ${sentBytes} bytes sent`);
