// Uploads an image straight from a web server, without a copy on this disk:
//   node examples/dist/http-source.js URL NAME
// Anything that can give the same bytes for the same offset again can be a source. A pipe can't: put
// what comes out of it into a file first (qemu-img convert … disk.raw), and upload that.
import { uploadSource } from "@img/node-fs";
import { SourceChangedError, type Source } from "@img/transfer";
import "./one-line.js"; // for the messages alone; leave it out

const [url = "", name = "from-the-web.img"] = process.argv.slice(2);
if (!URL.canParse(url)) throw new Error("Give the URL of an image, and a name for it.");

const { image, sha256, resumed, sentBytes } = await uploadSource(await openHttpSource(url), {
  name,
});
console.log(`${image.id} is complete, SHA-256 ${sha256}`);
console.log(`${resumed ? "resumed" : "fresh"}, ${sentBytes} bytes sent`);

async function openHttpSource(url: string): Promise<Source> {
  const { etag, sizeBytes } = await look(url);
  return {
    label: new URL(url).pathname, // never the query: it may be a password
    sizeBytes,
    identity: { etag },
    async read(offset, into, signal) {
      const range = `bytes=${offset}-${offset + into.length - 1}`;
      const answer = await fetch(url, { headers: { range, "if-match": etag }, signal });
      if (answer.status === 412)
        throw new SourceChangedError("the web server has another file now");
      if (answer.status !== 206 || answer.body === null) throw unusable(answer);
      let filled = 0;
      for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
        into.set(bytes, filled);
        filled += bytes.length;
      }
      if (filled !== into.length) throw new Error(`only ${filled} bytes of ${into.length} came`);
    },
    async check() {
      const now = await look(url);
      if (now.etag !== etag) throw new SourceChangedError("the web server has another file now");
    },
  };
}

/** Asks for one byte, since some servers allow GET but not HEAD. */
async function look(url: string): Promise<{ etag: string; sizeBytes: number }> {
  const answer = await fetch(url, { headers: { range: "bytes=0-0" } });
  await answer.body?.cancel();
  const etag = answer.headers.get("etag");
  const [, size] = /^bytes 0-0\/(\d+)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
  if (answer.status !== 206 || size === undefined) throw unusable(answer);
  // Without a strong ETag, two reads might be of different files.
  if (etag === null || etag.startsWith("W/"))
    throw new Error("the web server gives no strong ETag");
  return { etag, sizeBytes: Number(size) };
}

function unusable(answer: Response): Error {
  return new Error(`the web server answered a range with ${answer.status}`);
}
