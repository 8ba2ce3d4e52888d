import { join } from "node:path";
import type { World } from "../../../files/src/crash-test/sweep.js";
import { Violation } from "../../../files/src/crash-test/sweep.js";
import type { StoredImage } from "../folder/stored-image.js";
import type { ImageRecord } from "../images/image.js";
import { isCompleted, isOpen } from "../images/image.js";
import { partFileName } from "../folder/manifest.js";
import type { Manifest } from "../folder/manifest.js";
import type { ImageHistory, StoreHistory } from "./store-history.js";
import { workspace, dir, md5Of, sha256Of } from "./store-process.js";
import type { StoreProcess } from "./store-process.js";

/** Compares a store with what was promised. From then on, what was found counts as promised. */
export async function checkStore(
  process: StoreProcess,
  history: StoreHistory,
  world: World,
): Promise<void> {
  const all = {
    limit: 200,
    includeDeleted: true,
    publicOnly: false,
    ids: undefined,
    startingAfter: undefined,
    endingBefore: undefined,
  };
  const { images } = await process.store.list([workspace], all);
  const missing = [...history.images.keys()].find((id) => !images.some((one) => one.id === id));
  if (missing !== undefined) throw new Violation(`${missing} is gone`);
  const live = images.filter(({ deleted }) => !deleted).map(({ name }) => name);
  if (new Set(live).size < live.length)
    throw new Violation(`two live images of one name: ${live.join()}`);
  for (const record of images) {
    const known = history.images.get(record.id) ?? adopted(history, record);
    const image = process.store.image(record.id);
    history.images.set(record.id, await foundAs(process, known, image));
    if (world.sound && image !== undefined) await checkNothingElseIsLeft(world, image);
  }
  history.maybeCreated.clear();
  if (world.sound) await checkFolders(world, images);
}

/** Finds the image of a creation whose answer was lost. */
function adopted({ maybeCreated }: StoreHistory, { id, name }: ImageRecord): ImageHistory {
  if (!maybeCreated.has(name)) throw new Violation(`nobody has created ${id}, ${name}`);
  return { id, name, parts: [], at: "open", wasCompleted: false, digests: [] };
}

async function foundAs(
  process: StoreProcess,
  known: ImageHistory,
  image: StoredImage | undefined,
): Promise<ImageHistory> {
  const { id, at } = known;
  if (image === undefined) {
    if (at !== "deleting" && at !== "deleted") throw new Violation(`${id} is deleted`);
    return { ...known, at: "deleted" };
  }
  if (at === "deleted") throw new Violation(`${id} lives again`);
  const { record } = image;
  if (isCompleted(record)) {
    if (at === "open") throw new Violation(`${id} is completed`);
    await checkContent(process, known, image);
    return { ...known, at: "completed", digests: [record.state.sha256] };
  }
  if (at === "completed" || known.wasCompleted) throw new Violation(`${id} is open again`);
  const parts = partsFound(known, [...image.parts.values()]);
  return { ...known, at: "open", parts, digests: [] };
}

function partsFound({ id, parts }: ImageHistory, found: Manifest): ImageHistory["parts"] {
  const byNumber = new Map(found.map((part) => [part.number, part]));
  const lost = parts.find((part) => part.isAcknowledged && !byNumber.has(part.number));
  if (lost) throw new Violation(`part ${lost.number} of ${id} is lost`);
  return found
    .map(({ number, md5, bytes }) => {
      const bodies = parts.find((part) => part.number === number)?.bodies ?? [];
      const body = bodies.find((one) => md5Of(one) === md5 && one.length === bytes);
      if (body === undefined) throw new Violation(`part ${number} of ${id} is another`);
      return { number, bodies: [body], isAcknowledged: true };
    })
    .sort((a, b) => a.number - b.number);
}

async function checkContent(
  process: StoreProcess,
  known: ImageHistory,
  { record, folder }: StoredImage,
): Promise<void> {
  const { id, digests } = known;
  const manifest = await folder.readManifest();
  const found = partsFound(known, manifest);
  if (found.some(({ number }, index) => number !== index + 1))
    throw new Violation(`${id} has a gap`);
  const whole = found.map(({ bodies }) => bodies[0]).join("");
  const read = (await process.read(id)).toString();
  if (read !== whole) throw new Violation(`${id} is served with other bytes`);
  const told = isCompleted(record) ? record.state.sha256 : "";
  if (!digests.includes(told)) throw new Violation(`${id} has another digest than it was given`);
  if (told !== "" && sha256Of(read) !== told) throw new Violation(`${id} has a wrong digest`);
}

/** Checks that an image's folder contains only what its record refers to. */
async function checkNothingElseIsLeft(
  { fs }: World,
  { record, folder, parts }: StoredImage,
): Promise<void> {
  const kept = isOpen(record)
    ? [...parts.values()].map(partFileName)
    : ["manifest.json", ...(await folder.readManifest()).map(partFileName)];
  const ours = new Set(["image.json", ...kept]);
  // Written before a crash, but nothing refers to it: the next complete replaces it.
  if (isOpen(record)) ours.add("manifest.json");
  const names = await fs.readdir(folder.path);
  const others = names.filter((name) => !ours.has(name));
  if (others.length > 0) throw new Violation(`left in ${folder.path}: ${others.join(", ")}`);
}

async function checkFolders({ fs }: World, images: readonly ImageRecord[]): Promise<void> {
  const live = images.filter(({ deleted }) => !deleted).map(({ id }) => id);
  const ids = await fs.readdir(join(dir, "images"));
  const others = ids.filter((id) => !live.includes(id));
  if (others.length > 0) throw new Violation(`folders without image: ${others.join()}`);
  const names = (await fs.readdir(dir)).filter((name) => !known.has(name));
  if (names.length > 0) throw new Violation(`left in ${dir}: ${names.join(", ")}`);
}

const known = new Set(["images", "lock", "url-key", "deleted.jsonl", "reserve"]);
