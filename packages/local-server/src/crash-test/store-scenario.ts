import { Random } from "../../../files/src/crash-test/random.js";
import type { Scenario, World } from "../../../files/src/crash-test/sweep.js";
import { checkStore } from "./check-store.js";
import type { ImageHistory, StoreHistory } from "./store-history.js";
import { copyHistory } from "./store-history.js";
import { isFault, StoreProcess } from "./store-process.js";

const names = ["debian", "alpine"];

/**
 * The scenario of a server: images are created, take parts (several at once, some of them twice), are completed
 * and deleted, with restarts in between. The seed decides the order.
 */
export function storeScenario(seed: number, steps: number): Scenario<StoreHistory> {
  return {
    begin: () => ({ images: new Map(), maybeCreated: new Set() }),
    copy: copyHistory,
    run: (world, history) => live(world, history, new Random(seed), steps),
    recover,
    isExpected: isFault,
  };
}

async function live(
  world: World,
  history: StoreHistory,
  random: Random,
  steps: number,
): Promise<void> {
  let process = new StoreProcess(world, history);
  await process.open();
  for (let step = 0; step < steps; step++) {
    if (random.chance(8)) {
      await process.close();
      process = new StoreProcess(world, history);
      await process.open();
    }
    await change(process, history, random, `${step}`);
  }
  await process.close();
}

async function change(
  process: StoreProcess,
  history: StoreHistory,
  random: Random,
  step: string,
): Promise<void> {
  const what = random.below(100);
  const [length, together] = [random.below(90), random.chance(40)];
  const name = names[random.below(names.length)]!;
  const image = [...history.images.values()].find((one) => one.name === name && !isOver(one.at));
  if (image === undefined) return process.create(name);
  const isComplete = makesAnImage(image);
  const takesParts = image.at === "open" || image.at === "completing";
  if (takesParts && (what < 60 || !isComplete)) {
    const next = image.parts.length + 1;
    const again = next > 1 && random.chance(30);
    const number = again ? 1 + random.below(next - 1) : next;
    const put = (at: number) => process.put(image.id, at, `${step}.${at} `.repeat(1 + length));
    await Promise.all([put(number), together && !again && put(number + 1)]);
    return;
  }
  if (takesParts && what < 90) return process.complete(image.id);
  await process.remove(image.id);
}

const makesAnImage = ({ parts }: ImageHistory): boolean =>
  parts.length > 0 &&
  parts.every((part, index) => part.isAcknowledged && part.number === index + 1);

const isOver = (at: string): boolean => at === "deleted" || at === "deleting";

/**
 * Checks that what was promised is there, and that the store works: a name is free or taken, and an image can
 * be created.
 */
async function recover(world: World, history: StoreHistory): Promise<void> {
  const process = new StoreProcess(world, history);
  await process.open();
  await checkStore(process, history, world);
  for (const { id, at } of [...history.images.values()]) {
    if (at !== "open") continue;
    await process.put(id, 1, "after the crash ");
    if (makesAnImage(history.images.get(id)!)) await process.complete(id);
  }
  await process.create("after");
  if (world.sound) await checkStore(process, history, world);
  await process.close();
}
