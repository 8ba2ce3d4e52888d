// A page as anybody may write it: it is served as it stands, but for its types.
import { downloadImage, uploadImage } from "@img/browser-blob";
import { SfcCore } from "@img/core/core.js";

/** Uploads a file, and downloads its image. Returns how many bytes came back as they were. */
async function thereAndBack(serverURL: string, bearerAuth: string): Promise<number> {
  const client = new SfcCore({ serverURL, bearerAuth });
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  await uploadImage(new File([bytes], "disk"), { client });
  const root = await navigator.storage.getDirectory();
  const target = await root.getFileHandle("copy", { create: true });
  await downloadImage("disk", target, { client });
  const file = await (await root.getFileHandle("copy")).getFile();
  const copy = new Uint8Array(await file.arrayBuffer());
  return bytes.filter((byte, at) => copy[at] === byte).length;
}

Object.assign(globalThis, { thereAndBack });
