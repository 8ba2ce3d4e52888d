/** Returns the command that downloads an image, quoted for a shell. */
export function downloadCommand(server: string, image: { id: string; name: string }): string {
  return ["img download --server", ...[server, image.id, image.name].map(quoted)].join(" ");
}

const quoted = (text: string): string =>
  /^\w[\w./:-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
