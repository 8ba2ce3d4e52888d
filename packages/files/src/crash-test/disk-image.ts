import type { Content } from "./content.js";
import { contentToText, truncated, written } from "./content.js";

/** A file or a folder, independent of its names. */
export interface FileNode {
  readonly type: "file";
  readonly ino: number;
}
export interface FolderNode {
  readonly type: "directory";
  readonly ino: number;
}
export type DiskNode = FileNode | FolderNode;

/**
 * What an operation changed, so that it can be repeated completely or in part. `node: null` removes the name.
 */
export type Change =
  | {
      readonly type: "write";
      readonly file: FileNode;
      readonly position: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "truncate"; readonly file: FileNode; readonly size: number }
  | {
      readonly type: "names";
      readonly names: readonly {
        readonly folder: FolderNode;
        readonly name: string;
        readonly node: DiskNode | null;
      }[];
    };

/** The content of a disk: the bytes of its files and the names in its folders. */
export class DiskImage {
  readonly root: FolderNode;
  readonly contents: Map<FileNode, Content>;
  readonly folders: Map<FolderNode, Map<string, DiskNode>>;

  constructor(of?: DiskImage) {
    this.root = of?.root ?? { type: "directory", ino: 1 };
    this.contents = new Map(of?.contents);
    this.folders = new Map(of?.folders);
    if (of === undefined) this.folders.set(this.root, new Map());
  }

  /** Changes this image, but not the image that it was copied from. */
  apply(change: Change): void {
    if (change.type === "names") {
      for (const { folder, name, node } of change.names) this.#name(folder, name, node);
      return;
    }
    const before = this.contents.get(change.file) ?? { size: 0, pages: new Map() };
    const after =
      change.type === "write"
        ? written(before, change.position, change.bytes)
        : truncated(before, change.size);
    this.contents.set(change.file, after);
  }

  namesIn(folder: FolderNode): ReadonlyMap<string, DiskNode> {
    return this.folders.get(folder) ?? new Map<string, DiskNode>();
  }

  /** Returns everything that a program could read, in a form that can be compared. */
  toText(): string {
    return this.#nodeToText(this.root);
  }

  #nodeToText(node: DiskNode): string {
    if (node.type === "file") return `${node.ino} ${contentToText(this.contents.get(node))}`;
    const names = [...this.namesIn(node)].sort(([a], [b]) => (a < b ? -1 : 1));
    const inside = names.map(([name, of]) => `${name}: ${this.#nodeToText(of)}\n`);
    return `${node.ino} {${inside.join("")}}`;
  }

  #name(folder: FolderNode, name: string, node: DiskNode | null): void {
    const names = new Map(this.namesIn(folder));
    if (node === null) names.delete(name);
    else names.set(name, node);
    this.folders.set(folder, names);
  }
}
