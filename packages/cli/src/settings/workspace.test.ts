import { expect, test } from "vitest";
import { UsageError } from "../failure/usage-error.js";
import { targetOf } from "./workspace.js";

const mine = "sfc:workspace:acme:default";

test.each([
  ["nothing is v2 without a workspace", {}, {}, {}, { apiVersion: "v2" }],
  ["a flag", { workspace: mine }, {}, {}, { apiVersion: "preview", workspace: mine }],
  ["the environment", {}, { SFC_WORKSPACE: mine }, {}, { apiVersion: "preview", workspace: mine }],
  ["the configuration", {}, {}, { workspace: mine }, { apiVersion: "preview", workspace: mine }],
  [
    "a flag over the environment, and that over the configuration",
    { workspace: "wksp_flag" },
    { SFC_WORKSPACE: "wksp_environment" },
    { workspace: "wksp_file" },
    { apiVersion: "preview", workspace: "wksp_flag" },
  ],
  [
    "the environment over the configuration",
    {},
    { SFC_WORKSPACE: "wksp_environment" },
    { workspace: "wksp_file" },
    { apiVersion: "preview", workspace: "wksp_environment" },
  ],
  [
    "a variable that is empty is not set",
    {},
    { SFC_WORKSPACE: "", SFC_API_VERSION: "" },
    {},
    { apiVersion: "v2" },
  ],
  ["preview without a workspace", { apiVersion: "preview" }, {}, {}, { apiVersion: "preview" }],
  [
    "the version of the environment",
    {},
    { SFC_API_VERSION: "preview" },
    {},
    { apiVersion: "preview" },
  ],
  [
    "a flag over that",
    { apiVersion: "v2" },
    { SFC_API_VERSION: "preview" },
    {},
    { apiVersion: "v2" },
  ],
])("the workspace and the version: %s", (_, flags, env, file, expected) => {
  expect(targetOf(flags, env, file)).toEqual({ workspace: undefined, ...expected });
});

test.each([
  [{ workspace: "default" }, {}, {}, '"default" is not a workspace.'],
  [{ workspace: "" }, {}, {}, '"" is not a workspace.'],
  [{}, { SFC_WORKSPACE: "a/b" }, {}, '"a/b" is not a workspace.'],
  [{}, {}, { workspace: "wksp_" }, '"wksp_" is not a workspace.'],
  [
    {},
    { SFC_API_VERSION: "v3" },
    {},
    'SFC_API_VERSION is "v3", which is not a version of the API.',
  ],
  [{ workspace: mine, apiVersion: "v2" }, {}, {}, "Version v2 of the API has no workspaces"],
  [{ apiVersion: "v2" }, { SFC_WORKSPACE: mine }, {}, "Version v2 of the API has no workspaces"],
  [{}, { SFC_API_VERSION: "v2" }, { workspace: mine }, "Version v2 of the API has no workspaces"],
])("flags %j, environment %j and configuration %j are refused", (flags, env, file, message) => {
  const read = () => targetOf(flags, env, file);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
});
