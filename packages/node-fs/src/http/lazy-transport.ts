import type { GetAnswer, GetRequest, PartTransport, PutAnswer, PutRequest } from "@img/transfer";

const load = (): Promise<PartTransport> =>
  import("./transport.js").then(({ UndiciTransport }) => new UndiciTransport());

/**
 * A lane's transport that is loaded with its first request: undici takes 60 ms to load (measured), and
 * until then the API has been asked already.
 */
export class LazyTransport implements PartTransport {
  #loading: Promise<PartTransport> | null = null;

  async put(request: PutRequest): Promise<PutAnswer> {
    return (await this.#loaded()).put(request);
  }

  async get(request: GetRequest): Promise<GetAnswer> {
    return (await this.#loaded()).get(request);
  }

  async close(): Promise<void> {
    await (await this.#loading)?.close();
  }

  #loaded(): Promise<PartTransport> {
    return (this.#loading ??= load());
  }
}
