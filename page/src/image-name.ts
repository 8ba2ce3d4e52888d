import { longestImageName } from "@img/core/image-name";
export { isImageName, possibleImageName } from "@img/core/image-name";

/** Returns the next free name: "disk-2.img" after "disk.img". */
export function nextName(name: string, isTaken: (name: string) => boolean): string {
  const [, stem = "", number, extension = ""] =
    /^(.*?)(?:-(\d{1,4}))?(\.[a-zA-Z]\w*)?$/.exec(name) ?? [];
  for (let next = Number(number ?? 1) + 1; ; next++) {
    const tail = `-${next}${extension}`;
    const found = stem.slice(0, longestImageName - tail.length) + tail;
    if (!isTaken(found)) return found;
  }
}
