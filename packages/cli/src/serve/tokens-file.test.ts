import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { script } from "../testing/script.js";
import { readTokensFile } from "./tokens-file.js";

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "img-tokens-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

async function tokensFile(text: string, mode = 0o600): Promise<string> {
  const path = join(await folder(), "tokens");
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  return path;
}

const refusal = async (path: string): Promise<{ message: string; advice?: string }> =>
  readTokensFile(path).then(
    () => expect.fail("it was taken"),
    (error: unknown) => error as { message: string; advice?: string },
  );

test("a line is a name and a token, optionally with public; comments and empty lines are ignored", async () => {
  const path = await tokensFile("# who\nalice s3cret-a\r\n\nshared s3cret#b public # all read\n");
  expect(await readTokensFile(path)).toEqual([
    { name: "alice", token: "s3cret-a", isPublic: false, workspaces: [] },
    { name: "shared", token: "s3cret#b", isPublic: true, workspaces: [] },
  ]);
});

test("a line may name workspaces, in any order with public", async () => {
  const path = await tokensFile(
    "a s3cret-a workspaces=ci,staging\nb s3cret-b public workspaces=base\nc s3cret-c workspaces=x public\n",
  );
  expect(await readTokensFile(path)).toMatchObject([
    { name: "a", isPublic: false, workspaces: ["ci", "staging"] },
    { name: "b", isPublic: true, workspaces: ["base"] },
    { name: "c", isPublic: true, workspaces: ["x"] },
  ]);
});

test.each([
  ["is empty", "", "has no line with a name and a token"],
  ["has comments only", "# alice s3cret\n", "has no line with a name and a token"],
  ["is JSON", '{\n  "alice": "s3cret"\n}\n', "Line 1 of PATH is not NAME TOKEN"],
  ["is JSON on one line", '[{"name": "alice", "token": "s3cret"}]', "Line 1 of PATH is not NAME"],
  ["is TOML", 'alice = "s3cret"\n', "Line 1 of PATH is not NAME TOKEN, optionally"],
  ["has a name without a token", "alice s3cret\nbob\n", "Line 2 of PATH is not NAME TOKEN"],
  ["has a word too many", "alice s3cret public too\n", "Line 1 of PATH is not NAME TOKEN"],
  ["has another word than public", "alice s3cret private\n", "Line 1 of PATH is not NAME TOKEN"],
  ["has public twice", "alice s3cret public public\n", "Line 1 of PATH is not NAME TOKEN"],
  [
    "has an empty workspace",
    "alice s3cret workspaces=a,\n",
    "Line 1 of PATH: a name must have 1 to 64 characters of",
  ],
  [
    "has a name that no account may have",
    "al/ice s3cret\n",
    "Line 1 of PATH: a name must have 1 to 64 characters of",
  ],
  [
    "has a token that no header can carry",
    "alice s3cr\u00e9t\n",
    "Line 1 of PATH: a token must have",
  ],
  ["has a token twice", "a s3cret\n\nb s3cret\n", "Lines 1 and 3 of PATH have the same token"],
  ["has a name twice", "a s3cret\na s3cret2\n", "Lines 1 and 2 of PATH have the same name"],
])("a file that %s is refused with its place, and without a token", async (_, text, sentence) => {
  const path = await tokensFile(text);
  const { message, advice = "" } = await refusal(path);
  expect(message).toContain(sentence.replace("PATH", path));
  expect(message + advice).not.toContain("s3cr");
});

test.skipIf(process.platform === "win32").each([0o604, 0o640])(
  "a file that others may read (%o) is refused, and how to change that is said",
  async (mode) => {
    const path = await tokensFile("alice s3cret\n", mode);
    const { message, advice } = await refusal(path);
    expect(message).toBe(`Other users of this machine may read ${path}.`);
    expect(advice).toBe(`Run: chmod 600 ${path}`);
  },
);

test("a file that is missing, or is a folder, is refused as such", async () => {
  const dir = await folder();
  const [missing, sub] = [join(dir, "missing"), join(dir, "sub")];
  await mkdir(sub, { mode: 0o700 });
  expect((await refusal(missing)).message).toBe(`There is no file ${missing}.`);
  expect((await refusal(sub)).message).toBe(`${sub} is not a file.`);
});

test("img serve ends with 2 and the sentence, before anything is served", async () => {
  const { img } = await script();
  const ran = await img("serve", "--port", "0", "--dir", "kept", "--tokens", "missing");
  expect(ran.code).toBe(2);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toMatch(/^img: There is no file missing\.\n {5}Give --tokens a file of lines/);
});
