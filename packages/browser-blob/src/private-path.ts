/** The file at a path below a folder, which is its folders' names and its own. */
export async function fileAt(
  folder: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<FileSystemFileHandle> {
  let parent = folder;
  for (const name of path.slice(0, -1)) parent = await parent.getDirectoryHandle(name);
  return parent.getFileHandle(path.at(-1)!);
}
