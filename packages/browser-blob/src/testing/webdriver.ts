import { vi } from "vitest";

/** One call of the session: method, path below the session, body. Resolves to the answer's value. */
export type DriverCall = (method: string, path: string, body?: object) => Promise<unknown>;

/** A WebDriver session. It has one window at a time, so that what is done in each is done in turn. */
export class WebDriverSession {
  readonly #call: DriverCall;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(call: DriverCall) {
    this.#call = call;
  }

  /** Starts a browser, once the driver at this URL listens. */
  static async start(url: string, capabilities: object): Promise<WebDriverSession> {
    await vi.waitFor(() => fetch(`${url}/status`), { timeout: 40_000, interval: 50 });
    const body = { capabilities: { alwaysMatch: capabilities } };
    const { sessionId } = (await request(`${url}/session`, "POST", body)) as { sessionId: string };
    const session = `${url}/session/${sessionId}`;
    return new WebDriverSession((method, path, given) => request(session + path, method, given));
  }

  async window(): Promise<string> {
    return (await this.#inTurn(() => this.#call("GET", "/window"))) as string;
  }

  async newWindow(): Promise<string> {
    const made = await this.#inTurn(() => this.#call("POST", "/window/new", { type: "tab" }));
    return (made as { handle: string }).handle;
  }

  closeWindow(handle: string): Promise<void> {
    return this.#inTurn(async () => {
      // Without a window the session would end, and the browser with it.
      const handles = (await this.#call("GET", "/window/handles")) as string[];
      if (handles.length === 1) await this.#call("POST", "/window/new", { type: "tab" });
      await this.#call("POST", "/window", { handle });
      const [left] = (await this.#call("DELETE", "/window")) as string[];
      await this.#call("POST", "/window", { handle: left });
    });
  }

  inWindow<Result>(handle: string, work: (call: DriverCall) => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      await this.#call("POST", "/window", { handle });
      return work(this.#call);
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

async function request(url: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`WebDriver: ${error}: ${message}`);
}
