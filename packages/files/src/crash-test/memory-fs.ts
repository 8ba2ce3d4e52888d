import { posix } from "node:path";
import type { FileStat, FileSystem, OpenFile } from "../file-system.js";
import { empty, readInto } from "./content.js";
import type { Change, DiskNode, FileNode, FolderNode } from "./disk-image.js";
import { DiskImage } from "./disk-image.js";

/** The event that a memory file system reports for each operation, before the next can begin. */
export type DiskEvent = Change | { readonly type: "sync"; readonly node: DiskNode };

/** A file system in memory that reports everything that is done. Paths are absolute. */
export class MemoryFs implements FileSystem {
  readonly image: DiskImage;
  readonly #watch: (event: DiskEvent) => void;
  readonly #links = new Map<DiskNode, number>();
  #lastIno: number;
  readonly #changedAt = new Map<DiskNode, bigint>();
  /** A counter in place of the time: no two changes have the same. */
  #now = 0n;

  constructor(image: DiskImage = new DiskImage(), watch: (event: DiskEvent) => void = () => {}) {
    this.image = new DiskImage(image);
    this.#watch = watch;
    this.#lastIno = image.root.ino;
    for (const names of image.folders.values()) {
      for (const node of names.values()) {
        this.#links.set(node, (this.#links.get(node) ?? 0) + 1);
        this.#lastIno = Math.max(this.#lastIno, node.ino);
      }
    }
  }

  async open(path: string, how: "read" | "update" | "create"): Promise<OpenFile> {
    const found = this.#find(path);
    if (how === "create") {
      if (found !== undefined) throw errno("EEXIST");
      return this.#openFile(this.#create(path, "file") as FileNode);
    }
    if (found === undefined) throw errno("ENOENT");
    if (found.type === "directory") throw errno("EISDIR");
    return this.#openFile(found);
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#get(from);
    const [source, target] = [this.#place(from), this.#place(to)];
    if (this.#find(to) === node) return; // POSIX requires this
    this.#change({
      type: "names",
      names: [
        { ...source, node: null },
        { ...target, node },
      ],
    });
  }

  async link(existing: string, name: string): Promise<void> {
    const node = this.#get(existing);
    if (this.#find(name) !== undefined) throw errno("EEXIST");
    this.#change({ type: "names", names: [{ ...this.#place(name), node }] });
  }

  async unlink(path: string): Promise<void> {
    this.#get(path);
    this.#change({ type: "names", names: [{ ...this.#place(path), node: null }] });
  }

  async mkdir(path: string): Promise<void> {
    if (this.#find(path) !== undefined) throw errno("EEXIST");
    this.#create(path, "directory");
  }

  async rmdir(path: string): Promise<void> {
    if ((await this.readdir(path)).length > 0) throw errno("ENOTEMPTY");
    this.#change({ type: "names", names: [{ ...this.#place(path), node: null }] });
  }

  async readdir(path: string): Promise<readonly string[]> {
    const folder = this.#get(path);
    if (folder.type !== "directory") throw errno("ENOTDIR");
    return [...this.image.namesIn(folder).keys()].sort();
  }

  async stat(path: string): Promise<FileStat> {
    return this.#statOf(this.#get(path));
  }

  lstat(path: string): Promise<FileStat> {
    return this.stat(path);
  }

  async syncDir(path: string): Promise<void> {
    this.#watch({ type: "sync", node: this.#get(path) });
  }

  async freeBytes(): Promise<number> {
    return 2 ** 40;
  }

  #openFile(file: FileNode): OpenFile {
    const { image } = this;
    const content = () => image.contents.get(file) ?? empty;
    const sync = async () => this.#watch({ type: "sync", node: file });
    return {
      read: async (into, position) => readInto(content(), into, position),
      write: async (bytes, position) => {
        // Copies a Buffer too: its own `slice` does not copy.
        this.#change({ type: "write", file, position, bytes: new Uint8Array(bytes) });
        return bytes.length;
      },
      truncate: async (size) => this.#change({ type: "truncate", file, size }),
      sync,
      datasync: sync,
      stat: async () => this.#statOf(file),
      close: async () => undefined,
    };
  }

  #create(path: string, type: DiskNode["type"]): DiskNode {
    const node: DiskNode = { type, ino: ++this.#lastIno };
    this.#change({ type: "names", names: [{ ...this.#place(path), node }] });
    return node;
  }

  #change(change: Change): void {
    this.#now++;
    if (change.type === "names") {
      for (const { folder, name, node } of change.names) {
        const before = this.image.namesIn(folder).get(name);
        if (before !== undefined) this.#addLinks(before, -1);
        if (node !== null) this.#addLinks(node, 1);
      }
    } else {
      this.#changedAt.set(change.file, this.#now);
    }
    this.image.apply(change);
    this.#watch(change);
  }

  #addLinks(node: DiskNode, count: number): void {
    this.#links.set(node, (this.#links.get(node) ?? 0) + count);
    this.#changedAt.set(node, this.#now);
  }

  #place(path: string): { folder: FolderNode; name: string } {
    const folder = this.#get(posix.dirname(path));
    if (folder.type !== "directory") throw errno("ENOTDIR");
    return { folder, name: posix.basename(path) };
  }

  #get(path: string): DiskNode {
    const found = this.#find(path);
    if (found === undefined) throw errno("ENOENT");
    return found;
  }

  #find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.image.root;
    for (const name of namesOf(path)) {
      if (node?.type !== "directory") return undefined;
      node = this.image.namesIn(node).get(name);
    }
    return node;
  }

  #statOf(node: DiskNode): FileStat {
    const size = node.type === "file" ? (this.image.contents.get(node)?.size ?? 0) : 0;
    const time = this.#changedAt.get(node) ?? 0n;
    return {
      type: node.type,
      size: BigInt(size),
      mtimeNs: time,
      ctimeNs: time,
      ino: BigInt(node.ino),
      dev: 1n,
      nlink: BigInt(this.#links.get(node) ?? 0),
      uid: 0n,
      mode: 0o600,
    };
  }
}

const splitPaths = new Map<string, readonly string[]>();

/** Splits a path. Results are cached: otherwise a sweep would spend most of its time here. */
function namesOf(path: string): readonly string[] {
  const names = splitPaths.get(path) ?? path.split("/").filter((name) => name !== "");
  if (splitPaths.size > 1000) splitPaths.clear();
  splitPaths.set(path, names);
  return names;
}

const errors = new Map<string, Error>();

/**
 * Returns the error of a code, always the same one: a sweep makes millions, and a stack trace for each would
 * take half of its time.
 */
export function errno(code: string): Error {
  const error = errors.get(code) ?? Object.assign(new Error(code), { code });
  errors.set(code, error);
  return error;
}
