/** What version 2 added to a record of version 1, and what a record that does not say it means by that. */
const added: ReadonlyMap<unknown, Readonly<Record<string, unknown>>> = new Map(
  Object.entries({
    "begin upload": { workspace: null, format: "raw" },
    "begin download": { workspace: null },
    source: { format: "raw" },
    // Nothing tells when; it was removed as soon as it was written, so that one that is there is old.
    completed: { atSec: 0 },
  }),
);

/** Types that version 1 does not have. */
const unknownTypes: ReadonlySet<unknown> = new Set(["size", "sink"]);

/** A parsed record of version 1 as version 2 says it; null if version 1 does not say it. */
export function fromVersion1(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return null;
  const { type, kind, sizeBytes } = value as Readonly<Record<string, unknown>>;
  const more = added.get(type === "begin" ? `begin ${String(kind)}` : type) ?? {};
  const isNewer = Object.keys(more).some((field) => Object.hasOwn(value, field));
  if (isNewer || unknownTypes.has(type) || (type === "begin" && sizeBytes === null)) return null;
  return { ...value, ...more };
}
