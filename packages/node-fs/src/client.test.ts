import { SfcCore } from "@img/core/core.js";
import { describe, expect, test } from "vitest";
import { serviceOf } from "./client.js";

const lab = "sfc:workspace:acc_1:lab";
const env = { SFC_SERVER_URL: "https://api.test/sfc", SFC_BEARER_AUTH: "a-token" };

describe("a client from the environment", () => {
  const targetOf = (more: NodeJS.ProcessEnv, workspace?: string) => {
    const { client } = serviceOf(undefined, workspace, { ...env, ...more });
    return [client.apiVersion, client.workspace];
  };

  test("keeps the path of its server's URL", () => {
    expect(serviceOf(undefined, undefined, env).server).toBe("https://api.test/sfc/");
  });

  test("speaks v2 without a workspace, and preview as soon as there is one", () => {
    expect(targetOf({})).toEqual(["v2", undefined]);
    expect(targetOf({ SFC_WORKSPACE: "" })).toEqual(["v2", undefined]);
    expect(targetOf({ SFC_WORKSPACE: lab })).toEqual(["preview", lab]);
    expect(targetOf({}, "wksp_1")).toEqual(["preview", "wksp_1"]);
    expect(targetOf({ SFC_WORKSPACE: lab }, "wksp_1")).toEqual(["preview", "wksp_1"]);
  });

  test("speaks the version that SFC_API_VERSION says", () => {
    expect(targetOf({ SFC_API_VERSION: "preview" })).toEqual(["preview", undefined]);
    expect(targetOf({ SFC_API_VERSION: "v2" })).toEqual(["v2", undefined]);
    expect(targetOf({ SFC_API_VERSION: "" })).toEqual(["v2", undefined]);
  });

  test.each([
    [{ SFC_API_VERSION: "v3" }, 'SFC_API_VERSION must be v2 or preview, but is "v3".'],
    [
      { SFC_API_VERSION: "v2", SFC_WORKSPACE: lab },
      'SFC_API_VERSION must be preview where there is a workspace, but is "v2".',
    ],
    [{ SFC_WORKSPACE: "lab" }, "SFC_WORKSPACE must be a workspace: "],
  ])("of %j is an error", (more, message) => {
    expect(() => targetOf(more)).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});

test("a client that is given stays as it is, whatever the environment says", () => {
  const given = new SfcCore({ serverURL: "https://other.test" });
  const { client, server } = serviceOf(given, "wksp_1", { ...env, SFC_WORKSPACE: lab });
  expect(client).toBe(given);
  expect(server).toBe("https://other.test/");
});
