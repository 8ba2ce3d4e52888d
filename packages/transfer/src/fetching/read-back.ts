import type { Api } from "../service/api.js";
import { ImageUrl, type ImageFacts } from "../service/image-url.js";
import { fetchImage } from "./fetch-image.js";
import { passingOutput } from "./passing-output.js";
import { verifyingRun, type Run } from "../run/run.js";

export interface ReadBack {
  /** Of the bytes as they are stored, 64 lower-case hex digits. */
  readonly sha256: string;
  /** What the service says of them. */
  readonly facts: ImageFacts;
}

/**
 * The SHA-256 of an image as it is stored: the service checks none until a node boots. Every byte is
 * fetched once, by as many lanes as make it faster, and none is kept.
 *
 * @param check Looks at what the service says, before a byte is fetched; may throw.
 */
export async function readBack(
  of: Run,
  api: Api,
  server: string,
  imageId: string,
  check: (facts: ImageFacts) => void = () => undefined,
): Promise<ReadBack> {
  const run = verifyingRun(of);
  const url = new ImageUrl(api, server, imageId);
  const facts = await url.facts(run.options.signal);
  check(facts);
  const { sha256 } = await fetchImage(run, url, facts, passingOutput(run, null));
  return { sha256, facts };
}
