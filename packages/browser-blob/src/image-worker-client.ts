import { kept } from "@img/transfer";
import type {
  WorkerAnswer,
  WorkerReply,
  WorkerRequest,
  WorkerStart,
} from "./image-worker-protocol.js";

/** The error that the worker answered with; `name` is that of the browser's own error. */
export class WorkerRefusal extends Error {
  constructor({ name, message }: { readonly name: string; readonly message: string }) {
    super(message);
    this.name = name;
  }
}

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The thread that hashes an image, and writes it if it is downloaded. Calls are taken in their order. */
export class ImageWorker {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #started: Promise<unknown>;
  #failure: Error | null = null;

  constructor(start: WorkerStart) {
    // In this form bundlers find the worker's file.
    this.#worker = new Worker(new URL("./image-worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // the calls that wait are rejected
      this.#fail(new Error(event.message || "its script could not be loaded"));
    };
    this.#started = kept(this.#send(start, [])); // if it fails, each call says so
  }

  /**
   * @throws {WorkerRefusal} The worker failed at this request. Any other error means that the worker is gone.
   */
  async ask(request: WorkerRequest): Promise<WorkerAnswer> {
    // Sent at once, so that requests are done in the order of the calls.
    const answered = kept(this.#send(request, "bytes" in request ? [request.bytes.buffer] : []));
    await this.#started;
    return answered;
  }

  /** Ends the thread. Idempotent; what is running rejects. */
  end(): void {
    this.#fail(new Error("it was closed"));
    this.#worker.terminate();
  }

  #send(message: WorkerStart | WorkerRequest, transfer: ArrayBufferLike[]): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(message, transfer as Transferable[]);
    });
  }

  #take(reply: WorkerReply): void {
    const waiting = this.#waiting.shift();
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(new WorkerRefusal(reply.error));
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
