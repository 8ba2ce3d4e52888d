import { kept } from "@img/transfer";

/** A lock that one tab, worker or page of this origin holds at a time. It is released when its holder ends. */
export interface TabLock {
  /** Whether another tab took it by force. */
  readonly lost: boolean;
  /** Resolves when others can take it. Idempotent. */
  release(): Promise<void>;
}

/** Takes the lock if it is free, or by force. Resolves to null if another tab holds it. */
export function takeTabLock(name: string, force: boolean): Promise<TabLock | null> {
  const options: LockOptions = force ? { steal: true } : { ifAvailable: true };
  return new Promise((resolve, reject) => {
    let lost = false;
    const ended = kept(
      navigator.locks.request(name, options, (granted) => {
        if (granted === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((letGo) => {
          const release = async (): Promise<void> => {
            letGo();
            await ended.catch(() => undefined); // it was lost before
          };
          resolve({
            get lost() {
              return lost;
            },
            release,
          });
        });
      }),
    );
    ended.catch((cause: unknown) => {
      lost = true; // or it never was ours, and this rejects
      reject(new Error("The browser refused a lock", { cause }));
    });
  });
}

/** The names of all locks of this origin that are held. */
export async function heldTabLocks(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => (name === undefined ? [] : [name])));
}
