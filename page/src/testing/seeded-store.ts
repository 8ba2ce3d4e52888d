import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "@img/local-server";

/** An image for a store. */
export interface SeededImage {
  readonly name: string;
  readonly sizeBytes: number;
  readonly ageSec: number;
  /** The image's state. @default "completed" */
  readonly state?: "completed" | "uploading" | "revoked";
}

interface StoredImage {
  readonly state: object;
}

/**
 * Makes the folder of a server with these images, newest first. One is uploaded to a real server. The others
 * are copies of what that server wrote, with holes as parts: a thousand uploads would take half a minute.
 */
export async function seedStore(dir: string, images: readonly SeededImage[]): Promise<void> {
  const template = await uploadedImage(dir);
  const nowSec = Math.floor(Date.now() / 1000);
  await Promise.all(
    images.map(async ({ name, sizeBytes, ageSec, state = "completed" }, at) => {
      const id = `image_seeded${at}`;
      const folder = join(dir, "images", id);
      const part = `part-00001-0-${md5}`;
      const createdAtSec = nowSec - ageSec;
      const record = {
        ...template.record,
        ...{ id, name, createdAtSec, order: createdAtSec * 1000 },
        state: stateOf(state, { ...template.record.state, imageBytes: sizeBytes }),
      };
      await mkdir(folder);
      await writeFile(join(folder, "image.json"), JSON.stringify(record));
      await writeFile(join(folder, part), "");
      await truncate(join(folder, part), sizeBytes);
      const manifest = [{ number: 1, bytes: sizeBytes, md5, turn: 0 }];
      if (state !== "uploading") {
        await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
      }
    }),
  );
}

const md5 = createHash("md5").digest("hex");

const stateOf = (state: SeededImage["state"], completed: object): object =>
  state === "uploading" ? { at: "uploading" } : { ...completed, isRevoked: state === "revoked" };

/** Uploads an image, deletes it, and returns what the server had written about it. */
async function uploadedImage(dir: string): Promise<{ record: StoredImage }> {
  const server = await startServer({ dir, port: 0, drainMs: 0 });
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${server.url}/v2/images${path}`, {
      method,
      headers: { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}`);
    return answer.json();
  };
  const { id } = (await call("POST", "", { name: "template" })) as { id: string };
  const { url } = (await call("POST", `/${id}/parts`, { part_id: 1 })) as { url: string };
  await fetch(url, { method: "PUT", body: "an image" });
  const sha256 = createHash("sha256").update("an image").digest("hex");
  await call("POST", `/${id}/complete`, { sha256 });
  const [folder = ""] = await readdir(join(dir, "images"));
  const record = JSON.parse(
    await readFile(join(dir, "images", folder, "image.json"), "utf8"),
  ) as StoredImage;
  await call("DELETE", `/${id}`);
  await server.close();
  return { record };
}
