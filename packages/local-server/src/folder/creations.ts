import { join } from "node:path";
import type { FileSystem } from "@img/files";
import { imageFolder } from "./image-folder.js";
import type { ImageFolder } from "./image-folder.js";
import type { ImageRecord } from "../images/image.js";
import { nameKey } from "../images/workspace.js";

/** Makes the folders of new images. */
export interface Creations {
  /**
   * Durable once it resolves. Rejected, the image may be on disk all the same, where a crash would bring
   * it to life: the next creation of its name removes it first, or rejects too. One at a time for a name.
   */
  make(record: ImageRecord): Promise<ImageFolder>;
}

export function creations(fs: FileSystem, imagesDir: string): Creations {
  /** By workspace and name. */
  const halfMade = new Map<string, ImageFolder>();
  const clear = async (key: string) => {
    await halfMade.get(key)?.removeAll();
    halfMade.delete(key);
  };
  return {
    async make(record) {
      const key = nameKey(record);
      await clear(key);
      const folder = imageFolder(fs, join(imagesDir, record.id));
      halfMade.set(key, folder);
      try {
        await fs.mkdir(folder.path, 0o700);
        await fs.syncDir(imagesDir);
        await folder.writeRecord(record);
      } catch (error) {
        await clear(key).catch(() => undefined);
        throw error;
      }
      halfMade.delete(key);
      return folder;
    },
  };
}
