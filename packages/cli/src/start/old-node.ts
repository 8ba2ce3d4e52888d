/** The first version of Node that still gets security fixes. Node 20 has had none since April 2026. */
const firstSupported = 22;

/** Returns the warning for a Node that gets no security fixes any more; null for a newer one. */
export function oldNodeWarning(version: string): string | null {
  const major = Number(version.split(".")[0]);
  if (major >= firstSupported) return null;
  return (
    `img: Node ${major} gets no security fixes any more. Use Node ${firstSupported} or later, or the ` +
    `executable of a release. To hide this: NODE_NO_WARNINGS=1\n`
  );
}

/** Warns once, on standard error, for people only. */
export function warnOfOldNode(argv: readonly string[]): void {
  const isUnwanted = argv.includes("--json") || process.env["NODE_NO_WARNINGS"] === "1";
  const warning = isUnwanted ? null : oldNodeWarning(process.versions.node);
  if (warning !== null) process.stderr.write(warning);
}
