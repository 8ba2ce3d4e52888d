import { kept, loaded } from "@img/transfer";
import type { GetAnswer, GetRequest, PartTransport, PutAnswer, PutRequest } from "@img/transfer";

async function load(): Promise<PartTransport> {
  const { UndiciTransport } = await loaded(import("./transport.js"));
  return new UndiciTransport();
}

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
    const transport = await this.#loading?.catch(() => null);
    await transport?.close();
  }

  /** One that failed is not kept: the next request tries again. */
  async #load(): Promise<PartTransport> {
    try {
      return await load();
    } catch (error) {
      this.#loading = null;
      throw error;
    }
  }

  #loaded(): Promise<PartTransport> {
    this.#loading ??= kept(this.#load());
    return this.#loading;
  }
}
