/** The first message to the worker. */
export interface WorkerStart {
  /**
   * The image to upload, or where the part file of a download is in the origin's private file system:
   * Safari sends no handle to a worker.
   */
  readonly given: Blob | readonly string[];
  /** The digest's state to resume from, in base64; null to start from nothing. */
  readonly state: string | null;
}

/** The messages after the start. Each has one answer, in the same order; the start's is the first. */
export type WorkerRequest =
  | {
      /** A piece of a part. Its memory comes back with the answer, which is the CRC-32 of the part so far. */
      readonly kind: "memory";
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly beginsPart: boolean;
    }
  | { readonly kind: "file"; readonly offset: number; readonly lengthBytes: number }
  /** Asks for the CRC-32 of a range of the file as it is now. The digest is not changed. */
  | { readonly kind: "crc32"; readonly offset: number; readonly lengthBytes: number }
  | { readonly kind: "save" }
  | { readonly kind: "finish" }
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly sizeBytes: number }
  | { readonly kind: "flush" }
  | { readonly kind: "close" };

/** An answer: a value, and the memory that the request had lent. */
export interface WorkerAnswer {
  readonly value: number | string | undefined;
  readonly memory?: ArrayBuffer;
}

export type WorkerReply =
  | (WorkerAnswer & { readonly error?: never })
  | { readonly error: { readonly name: string; readonly message: string } };

/** The error's name where the image cannot be read as it was when it was given. */
export const unreadable = "NotReadableError";

/** `FileSystemSyncAccessHandle`, which the compiler knows in workers only. */
export interface SyncFile {
  read(into: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(sizeBytes: number): void;
  flush(): void;
  close(): void;
}
