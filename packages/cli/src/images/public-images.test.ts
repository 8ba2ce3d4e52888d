import { expect, test } from "vitest";
import { script, token } from "../testing/script.js";

test("img list --public lists the completed images of public accounts, with or without a workspace", async () => {
  const accounts = [
    { name: "vendor", token: "token-of-the-vendor", isPublic: true },
    { name: "me", token },
  ];
  const { img, env, file } = await script({ token: undefined, accounts });
  file("base.img", 1024);
  env["SFC_BEARER_AUTH"] = "token-of-the-vendor";
  expect((await img("upload", "base.img")).code).toBe(0);
  env["SFC_BEARER_AUTH"] = token;
  for (const workspace of ["", "sfc:workspace:me:default"]) {
    env["SFC_WORKSPACE"] = workspace;
    const { events } = await img("list", "--public", "--json");
    expect(events).toMatchObject([{ name: "base.img", owner: "vendor", isPublic: true }]);
    expect((await img("list", "--json")).events).toEqual([]);
  }
  const path = "sfc:image:vendor:default:base.img";
  const revoked = await img("revoke", path);
  expect(revoked.code).toBe(3);
  expect(revoked.stderr).toContain("The image belongs to another account");
  expect((await img("show", path)).stdout).toMatch(/^public +yes$/m);
});
