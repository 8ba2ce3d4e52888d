import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SfcCore } from "@img/core/core.js";
import { imagesCompleteUpload } from "@img/core/funcs/images-complete-upload.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesReinstate } from "@img/core/funcs/images-reinstate.js";
import { imagesRevoke } from "@img/core/funcs/images-revoke.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import { SDKValidationError } from "@img/core/models/errors";
import { recording } from "./testing/recording.js";

const sha256 = "a1".repeat(32);
const bothVersions: Record<string, (core: SfcCore, id: string) => Promise<{ error?: unknown }>> = {
  fetch: (core, id) => imagesFetch(core, { id }),
  delete: (core, id) => imagesDelete(core, { id }),
  uploadPart: (core, id) => imagesUploadPart(core, { id, body: { partId: 1 } }),
  completeUpload: (core, id) => imagesCompleteUpload(core, { id, body: { sha256 } }),
  download: (core, id) => imagesDownload(core, { id }),
};
const previewToo = {
  ...bothVersions,
  revoke: (core: SfcCore, id: string) => imagesRevoke(core, { id }),
  reinstate: (core: SfcCore, id: string) => imagesReinstate(core, { id }),
};
const sides = [
  { apiVersion: "v2" as const, calls: bothVersions, prefix: "/v2/images" },
  { apiVersion: "preview" as const, calls: previewToo, prefix: "/preview/v2/images" },
];
const table = sides.flatMap(({ apiVersion, calls, prefix }) =>
  Object.entries(calls).map(([name, call]) => ({ apiVersion, name, call, prefix })),
);

const ids = ["image_1", `image_${"a".repeat(21)}`, "vmi_0-_Z"];
const names = ["disk", "9", "a..", "a".repeat(255), "image_1234567890123456789012", "wksp_1"];
const paths = ["sfc:image:acc_1:default:disk", "sfc:image:a:b:c@12", "sfc:image:..:.:-"];
const never = ["", ".", "..", "a/b", "../image_1", "image_1/parts", "image_1?x", "image_1#", "%2e"];
const alsoNever = [
  "image_1\n",
  " disk",
  "-disk",
  "a".repeat(256),
  "sfc:image:a:b",
  "sfc:image:a::c",
];
const nonPaths = [
  "sfc:image:a:b:c:d",
  "sfc:image:a:b:c@",
  "sfc:image:a:b:c@latest",
  "sfc:image:a/b:c:d",
];

function takes(apiVersion: "v2" | "preview", name: string, id: string): boolean {
  if (ids.includes(id)) return true;
  if (apiVersion === "v2") return false;
  return paths.includes(id) || (name !== "fetch" && names.includes(id));
}

describe.each(table)("$apiVersion: $name", ({ apiVersion, name, call, prefix }) => {
  test("sends what it takes as one percent-encoded segment, and nothing for all else", async () => {
    for (const id of [...ids, ...names, ...paths, ...never, ...alsoNever, ...nonPaths]) {
      const { core, sent } = recording({}, { apiVersion });
      const { error } = await call(core, id);
      if (takes(apiVersion, name, id)) {
        expect(sent[0]).toMatch(/^[A-Z]+ \/[^ ]+/);
        expect(
          sent[0]
            ?.split(" ")[1]
            ?.slice(prefix.length + 1)
            .split("/")[0],
          id,
        ).toBe(encodeURIComponent(id));
      } else {
        expect(error, id).toBeInstanceOf(SDKValidationError);
        expect(sent, id).toEqual([]);
      }
    }
  });

  test.each([undefined, null, 5, ["image_1"], {}])("refuses %j", async (id) => {
    const { core, sent } = recording({}, { apiVersion });
    expect((await call(core, id as string)).error).toBeInstanceOf(SDKValidationError);
    expect(sent).toEqual([]);
  });

  test("never leaves its own path, whatever the text", async () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.stringMatching(/^(sfc:image:)?[a-z0-9._:@%/\\?#~;-]{0,30}$/),
    );
    await fc.assert(
      fc.asyncProperty(text, async (id) => {
        const { core, sent } = recording({}, { apiVersion });
        await call(core, id);
        const path = sent[0]?.split(" ")[1];
        if (path === undefined) return;
        expect(path.startsWith(`${prefix}/${encodeURIComponent(id)}`)).toBe(true);
        expect(path.slice(prefix.length + 1)).toMatch(
          /^[\w.%-]+(\/(parts|complete|download|revoke|reinstate))?$/,
        );
      }),
      { numRuns: 200, seed: 20_260_717 },
    );
  });
});
