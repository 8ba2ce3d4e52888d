import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openBucket } from "./bucket.js";
import { resolveS3 } from "./options.js";

const names = [
  "AWS_REGION",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_S3",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

beforeEach(() => names.forEach((name) => vi.stubEnv(name, undefined)));
afterEach(() => vi.unstubAllEnvs());

const originOf = async (given: Partial<Parameters<typeof resolveS3>[0]> = {}) => {
  const bucket = await openBucket(resolveS3({ bucket: "images", ...given }));
  bucket.close();
  return bucket.origin;
};

describe("the SDK's endpoint variables decide all that the option does", () => {
  test.each([
    [{ AWS_ENDPOINT_URL: "http://all:1" }, "http://all:1"],
    [{ AWS_ENDPOINT_URL: "http://all:1", AWS_ENDPOINT_URL_S3: "http://s3:2" }, "http://s3:2"],
    [
      { AWS_ENDPOINT_URL: "http://all:1", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "https://images.s3.us-east-1.amazonaws.com",
    ],
  ])("%j", async (env, origin) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(await originOf()).toBe(origin);
    expect(resolveS3({ bucket: "images" }).pathStyle).toBe(!origin.includes("images"));
    expect(await originOf({ endpoint: "http://option:3" })).toBe("http://option:3");
  });

  test("one that is no URL is named", () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "s3.example");
    expect(() => resolveS3({ bucket: "images" })).toThrow("AWS_ENDPOINT_URL");
  });
});

test("the region is the option's, else AWS_REGION's, else the profile's", async () => {
  const dir = await mkdtemp(join(tmpdir(), "img-profile-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, "config");
  await writeFile(path, "[profile team]\nregion = eu-west-3\n");
  vi.stubEnv("AWS_CONFIG_FILE", path);
  vi.stubEnv("AWS_PROFILE", "team");
  expect(await originOf()).toBe("https://images.s3.eu-west-3.amazonaws.com");
  vi.stubEnv("AWS_REGION", "eu-west-2");
  expect(await originOf()).toBe("https://images.s3.eu-west-2.amazonaws.com");
  expect(await originOf({ region: "eu-west-1" })).toBe("https://images.s3.eu-west-1.amazonaws.com");
});
