// Downloads an image by its id or name, verified:  node examples/dist/download.js ID_OR_NAME FILE
// The same call resumes an interrupted download.
import { downloadImage } from "@img/node-fs";
import "./one-line.js"; // for the messages alone; leave it out

const [idOrName = "disk.img", path = "copy.img"] = process.argv.slice(2);

const { sha256, verified, receivedBytes } = await downloadImage(idOrName, path);

console.log(`${receivedBytes} bytes received to ${path}`);
console.log(`SHA-256 ${sha256}, ${verified ? "as the service says" : "the service tells none"}`);
