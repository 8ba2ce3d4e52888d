import type { Source } from "@img/transfer";

/** An opened image. */
export interface ImageSource extends Source {
  /** For the worker that makes the digest; null if it cannot read the image by itself, and is sent its bytes. */
  readonly blob: Blob | null;
  close(): Promise<void>;
}
