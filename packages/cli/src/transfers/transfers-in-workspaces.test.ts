import { expect, test } from "vitest";
import { MiB, neverWhole, script, type Script } from "../testing/script.js";

const ci = "sfc:workspace:default:ci";
const main = "sfc:workspace:default:default";

/** Starts an upload of three parts and kills it after the second. */
async function killedUpload({ start, server }: Script, ...flags: string[]): Promise<void> {
  const fault = neverWhole(server, 3);
  const parts = ["--part-size", "5M", "--lanes", "1"];
  const upload = start("upload", "a.img", ...parts, "--json", "-v", ...flags);
  await upload.event(({ event, number }) => event === "part" && number === 2);
  upload.process.kill("SIGKILL");
  await upload.done;
  fault.remove();
}

const namesIn = async ({ img }: Script, workspace: string): Promise<unknown[]> => {
  const { events } = await img("list", "--json", "--workspace", workspace);
  return events.map(({ name, uploadStatus }) => [name, uploadStatus]);
};

test("uploads of one name to two workspaces are listed apart, and each is resumed in its own", async () => {
  const made = await script({ workspaces: ["ci"] });
  const { img, file } = made;
  file("a.img", 12 * MiB);
  await killedUpload(made, "--workspace", ci);
  await killedUpload(made, "--workspace", main);

  const listed = await img("transfers");
  expect(listed.lines[0]).toMatch(/ WORKSPACE$/);
  expect(listed.stdout).toContain(ci);
  expect(listed.stdout).toContain(main);
  expect(
    (await img("transfers", "--json")).events.map(({ workspace }) => workspace).sort(),
  ).toEqual([ci, main]);

  const which = await img("transfers", "resume", "a.img");
  expect(which.code).toBe(2);
  expect(which.stderr).toContain("There are several uploads of a.img.");
  expect(which.stderr).toContain(`--workspace ${ci}`);

  const first = await img("transfers", "resume", "a.img", "--workspace", ci, "--json");
  expect(first.events.at(-1)).toMatchObject({ event: "completed", resumed: true });
  expect(await namesIn(made, ci)).toEqual([["a.img", "completed"]]);
  expect(await namesIn(made, main)).toEqual([["a.img", "uploading"]]);

  made.env["SFC_WORKSPACE"] = ci; // which says nothing of an upload that is to be resumed
  const rest = await img("transfers", "resume", "--json");
  expect(rest.events.at(-1)).toMatchObject({ event: "completed", resumed: true });
  expect(await namesIn(made, main)).toEqual([["a.img", "completed"]]);
});

test("an upload that was begun without a workspace is resumed without one", async () => {
  const made = await script();
  made.file("a.img", 12 * MiB);
  await killedUpload(made);
  made.env["SFC_WORKSPACE"] = main;
  const { events } = await made.img("transfers", "resume", "a.img", "--json");
  expect(events.at(-1)).toMatchObject({ event: "completed", resumed: true });
});

test("an unfinished image is forgotten and deleted in its own workspace", async () => {
  const made = await script({ workspaces: ["ci"] });
  made.file("a.img", 12 * MiB);
  await killedUpload(made, "--workspace", ci);
  const { code } = await made.img("transfers", "forget", "a.img", "--delete-image");
  expect(code).toBe(0);
  expect(await namesIn(made, ci)).toEqual([]);
});

test("a name taken by an unfinished upload in another workspace says how to resume that upload", async () => {
  const made = await script();
  const { img, server } = made;
  made.file("a.img", 12 * MiB);
  await killedUpload(made, "--workspace", main);
  const again = await img("upload", "a.img");
  expect(again.code).toBe(5);
  expect(again.stderr).toContain(
    `An unfinished upload of this image is known for ${server.url}/, workspace ${main}; to resume it, pass --server ${server.url}/ --workspace ${main}.`,
  );
});

test("a dry run counts what has arrived in the same workspace alone", async () => {
  const made = await script({ workspaces: ["ci"] });
  made.file("a.img", 12 * MiB);
  await killedUpload(made, "--workspace", ci);
  const planIn = async (workspace: string): Promise<unknown> => {
    const flags = ["--dry-run", "--json", "--workspace", workspace];
    return (await made.img("upload", "a.img", ...flags)).events[0];
  };
  expect(await planIn(ci)).toMatchObject({ resume: { partsDone: 2 }, taken: null });
  expect(await planIn(main)).toMatchObject({ resume: null, taken: null });
});
