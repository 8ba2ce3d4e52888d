/** Formats a size for people: "16.5 GiB", "106 MiB", "512 bytes". */
export function gib(bytes: number): string {
  if (bytes >= 2 ** 30) return `${oneDecimal(bytes / 2 ** 30)} GiB`;
  if (bytes >= 2 ** 20) return `${oneDecimal(bytes / 2 ** 20)} MiB`;
  if (bytes >= 2 ** 10) return `${oneDecimal(bytes / 2 ** 10)} KiB`;
  return `${bytes} bytes`;
}

const oneDecimal = (value: number): string => String(Math.round(value * 10) / 10);
