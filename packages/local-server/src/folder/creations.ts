import { join } from "node:path";
import type { FileSystem } from "@img/files";
import type { ImageRecord } from "../images/image.js";
import { nameKey } from "../images/workspace.js";
import { ImageFolder } from "./image-folder.js";

/** Creates the folders of new images. */
export class Creations {
  readonly #fs: FileSystem;
  readonly #imagesDir: string;
  /** Unfinished folders, keyed by workspace and name. */
  readonly #halfMade = new Map<string, ImageFolder>();

  constructor(fs: FileSystem, imagesDir: string) {
    this.#fs = fs;
    this.#imagesDir = imagesDir;
  }

  /**
   * Creates a folder. It is durable once the promise resolves. If it rejects, the image may be on the disk all
   * the same, and could appear after a crash: the next creation of its name removes it first, or rejects too.
   * Creations of one name run one at a time.
   */
  async make(record: ImageRecord): Promise<ImageFolder> {
    const key = nameKey(record);
    await this.#clear(key);
    const folder = new ImageFolder(this.#fs, join(this.#imagesDir, record.id));
    this.#halfMade.set(key, folder);
    try {
      await this.#fs.mkdir(folder.path, 0o700);
      await this.#fs.syncDir(this.#imagesDir);
      await folder.writeRecord(record);
    } catch (error) {
      await this.#clear(key).catch(() => undefined);
      throw error;
    }
    this.#halfMade.delete(key);
    return folder;
  }

  async #clear(key: string): Promise<void> {
    await this.#halfMade.get(key)?.removeDurably();
    this.#halfMade.delete(key);
  }
}
