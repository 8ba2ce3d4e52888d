import type { FileSystem, Lock, OpenFile } from "@img/files";

/**
 * Wraps a file system so that it refuses changes once the lock was not renewed in time: another server may use
 * the folder then.
 */
export function lockedFileSystem(fs: FileSystem, lock: Pick<Lock, "ensure">): FileSystem {
  const whileHeld =
    <Given extends unknown[], Result>(change: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const looking = lock.ensure();
      if (looking !== null) await looking;
      return change(...given);
    };
  const locked = (file: OpenFile): OpenFile => ({
    read: (into, position) => file.read(into, position),
    write: whileHeld((bytes, position) => file.write(bytes, position)),
    truncate: whileHeld((lengthBytes) => file.truncate(lengthBytes)),
    sync: () => file.sync(),
    datasync: () => file.datasync(),
    stat: () => file.stat(),
    close: () => file.close(),
  });
  const openToWrite = whileHeld(fs.open.bind(fs));
  return {
    open: async (path, how, mode) =>
      how === "read" ? fs.open(path, how) : locked(await openToWrite(path, how, mode)),
    rename: whileHeld((from, to) => fs.rename(from, to)),
    link: whileHeld((existing, name) => fs.link(existing, name)),
    unlink: whileHeld((path) => fs.unlink(path)),
    mkdir: whileHeld((path, mode) => fs.mkdir(path, mode)),
    rmdir: whileHeld((path) => fs.rmdir(path)),
    readdir: (path) => fs.readdir(path),
    stat: (path) => fs.stat(path),
    lstat: (path) => fs.lstat(path),
    syncDir: (path) => fs.syncDir(path),
    freeBytes: (path) => fs.freeBytes(path),
  };
}
