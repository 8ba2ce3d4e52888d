/** Promises for IndexedDB's requests, and transactions that are durable when they resolve. */

import { kept } from "@img/transfer";

export const databaseName = "img";

const stores = { journals: "journals", pieces: "pieces" } as const;

/** Opens this origin's database, making it if it is not there. The caller closes it. */
export function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(databaseName, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(stores.journals, { keyPath: "id" });
    request.result.createObjectStore(stores.pieces, { keyPath: ["id", "number"] });
  };
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(failureOf(request.error));
    request.onsuccess = () => {
      // Without this, a page that deletes the database would wait for this connection for ever. The next call fails
      // then.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
}

/** What a transaction works on. */
export interface Tables {
  readonly journals: IDBObjectStore;
  readonly pieces: IDBObjectStore;
}

/**
 * Runs `work` in one transaction, which waits for nothing but its own requests. With "readwrite" all of
 * it is on the disk when this resolves; if `work` throws, nothing of it is.
 */
export async function transact<T>(
  db: IDBDatabase,
  mode: "readonly" | "readwrite",
  work: (tables: Tables) => Promise<T>,
): Promise<T> {
  const names = [stores.journals, stores.pieces];
  const transaction = db.transaction(names, mode, { durability: "strict" });
  const ended = kept(
    new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(failureOf(transaction.error));
    }),
  );
  const [journals, pieces] = names.map((name) => transaction.objectStore(name));
  try {
    const result = await work({ journals: journals!, pieces: pieces! });
    await ended;
    return result;
  } catch (error) {
    abortIfOpen(transaction);
    throw error;
  }
}

function abortIfOpen(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failureOf(request.error));
  });
}

const failureOf = (error: DOMException | null): Error =>
  error ?? new Error("the database gave no reason");
