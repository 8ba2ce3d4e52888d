import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Node without `require(esm)`, as before 20.19. */
const oldNodes = ["--no-experimental-require-module"];
const run = promisify(execFile);
const source = dirname(import.meta.dirname);
const modules = join(source, "../../node_modules");
const tsc = join(modules, "typescript-7/bin/tsc");
let project: string;
let installed: string;
let subpaths: string[];
/** Those that mirror the vendor's files, without ending. */
let deep: string[];

/** An empty project in which the package is as it would be shipped: its manifest, what was built, and no more. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "img-core-"));
  installed = join(project, "node_modules/@img/core");
  await mkdir(installed, { recursive: true });
  await cp(join(source, "package.json"), join(installed, "package.json"));
  await writeFile(join(project, "package.json"), '{"type":"module"}');
  await cp(join(source, "dist"), join(installed, "dist"), { recursive: true });
  await mkdir(join(project, "node_modules/@types"));
  for (const name of ["@types/node", "undici-types", "undici"]) {
    const from =
      name === "undici-types" ? join(await realTypes(), "../../undici-types") : join(modules, name);
    await symlink(from, join(project, "node_modules", name));
  }
  const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  const vendor = await readdir(join(installed, "dist/vendor"), { recursive: true });
  deep = vendor
    .filter((name) => name.endsWith(".js"))
    .map((name) => `./${name.replaceAll("\\", "/").slice(0, -".js".length)}`);
  const named = Object.keys(manifest.exports).filter((name) => !name.includes("*"));
  subpaths = [...named, ...deep, ...deep.map((name) => `${name}.js`)];
}, 60_000);
afterAll(() => rm(project, { recursive: true }));

async function realTypes(): Promise<string> {
  const { stdout } = await run("realpath", [join(modules, "@types/node")]);
  return stdout.trim();
}

const node = async (code: string, type = "module", flags: readonly string[] = []) => {
  const args = [...flags, `--input-type=${type}`, "-e", code];
  return (await run(process.execPath, args, { cwd: project })).stdout;
};

/** What the vendor's SDK has of an image's calls, by its files; the rest of them are its generator's own. */
const vendorFiles = [
  ..."core index hooks/index hooks/types".split(" "),
  ..."config http logger retries sdks".split(" ").map((name) => `lib/${name}`),
  ..."images index sdk".split(" ").map((name) => `sdk/${name}`),
  ..."async enums fp index operations unrecognized".split(" ").map((name) => `types/${name}`),
  ..."complete-upload delete download fetch list start-upload upload-part"
    .split(" ")
    .map((name) => `funcs/images-${name}`),
  ..."complete-image-upload create-image-upload-part-url delete-image download-image fetch-image index list-images"
    .split(" ")
    .map((name) => `models/operations/${name}`),
  ..."bad-request-error conflict-error forbidden-error http-client-errors index internal-server-error not-found-error payment-required-error response-validation-error sdk-validation-error sfc-default-error sfc-error unauthorized-error unprocessable-entity-error"
    .split(" ")
    .map((name) => `models/errors/${name}`),
  ..."bad-request-error complete-upload-request conflict-error delete-image-response error-detail forbidden-error image-download-response image-list-entry image-upload-response image-upload-status index internal-server-error list-images-response not-found-error payment-required-error security start-upload-request unauthorized-error unprocessable-entity-error upload-part-request upload-part-response"
    .split(" ")
    .map((name) => `models/${name}`),
];

describe("the package as it is shipped", () => {
  test("every subpath can be imported, and importing has no side effect", async () => {
    const seen = await node(`
      const before = Reflect.ownKeys(globalThis).length;
      for (const subpath of ${JSON.stringify(subpaths)}) {
        const name = "@img/core" + subpath.slice(1);
        await import(name, name.endsWith(".json") ? { with: { type: "json" } } : {});
      }
      console.log(Reflect.ownKeys(globalThis).length - before, process.getActiveResourcesInfo().length);
    `);
    expect(seen.trim().split(" ")[0]).toBe("0");
    expect(subpaths).toContain("./funcs/images-upload-part.js");
  });

  test("every import path of the vendor's that an image's calls need is there, and three of ours", () => {
    const ours = ["account-me", "images-list-page", "images-reinstate", "images-revoke"].map(
      (name) => `funcs/${name}`,
    );
    expect(deep.map((name) => name.slice(2)).sort()).toEqual([...vendorFiles, ...ours].sort());
  });

  test("require gives the very classes that import gives", async () => {
    const seen = await node(
      `const { Sfc } = require("@img/core");
       const { NotFoundError } = require("@img/core/models/errors/not-found-error.js");
       Promise.all([import("@img/core"), import("@img/core/models/errors")]).then(([core, errors]) =>
         console.log(core.Sfc === Sfc, errors.NotFoundError === NotFoundError));`,
      "commonjs",
    );
    expect(seen.trim()).toBe("true true");
  });

  test("where Node cannot require ESM, require gives the CommonJS build", async () => {
    const code = `
      for (const subpath of ${JSON.stringify(subpaths)}) require("@img/core" + subpath.slice(1));
      const { Sfc, HTTPClient } = require("@img/core");
      const { imagesFetch } = require("@img/core/funcs/images-fetch.js");
      const { NotFoundError } = require("@img/core/models/errors");
      const body = { error: { type: "not_found", message: "no" } };
      const fetcher = async () => Response.json(body, { status: 404 });
      const sfc = new Sfc({ serverURL: "https://api.example.com", httpClient: new HTTPClient({ fetcher }) });
      imagesFetch(sfc, { id: "image_1" }).then(({ error }) => console.log(error instanceof NotFoundError));`;
    const seen = await node(code, "commonjs", oldNodes);
    expect(seen.trim()).toBe("true");
  });

  test("two subpaths give the same class", async () => {
    const seen = await node(`
      import { SfcCore } from "@img/core/core.js";
      import { SfcCore as again } from "@img/core/core";
      import { Sfc } from "@img/core";
      console.log(SfcCore === again, new Sfc() instanceof SfcCore);
    `);
    expect(seen.trim()).toBe("true true");
  });

  test("it depends on nothing, and the ambient web names stay at home", async () => {
    const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as object;
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).toMatchObject({ type: "module", sideEffects: false, files: ["dist"] });
    const files = await readdir(join(installed, "dist"));
    expect(files.filter((name) => /^web|\.test\./.test(name))).toEqual([]);
  });
});

describe(
  "a consumer's program, with our declarations checked too, compiles",
  { timeout: 60_000 },
  () => {
    const program = `
    import type { ImageListEntry } from "@img/core/models/image-list-entry.js";
    import { NotFoundError } from "@img/core/models/errors/not-found-error.js";
    import type { HookContext } from "@img/core/hooks/index.js";
    import { isConnectionError } from "@img/core/lib/http.js";
    import { Images } from "@img/core/sdk/images.js";
    import { Sfc, type SDKOptions } from "@img/core";
    import { SfcCore } from "@img/core/core.js";
    import { imagesList } from "@img/core/funcs/images-list.js";
    import { HTTPClient } from "@img/core/lib/http";
    import * as errors from "@img/core/models/errors";
    import type * as models from "@img/core/models";
    import type * as operations from "@img/core/models/operations";
    import type { PageIterator, Result } from "@img/core/types";
    import { unwrapAsync } from "@img/core/types/fp.js";
    import type { RetryConfig } from "@img/core/lib/retries.js";
    import type { RequestOptions } from "@img/core/lib/sdks.js";

    const retryConfig: RetryConfig = { strategy: "backoff", retryConnectionErrors: true };
    const httpClient = new HTTPClient({ fetcher: (input, init) => fetch(input, init) });
    httpClient.addHook("beforeRequest", (request) => {
      request.headers.set("x-custom-header", "custom value");
    });
    httpClient.addHook("response", async (response, request) => {
      const date: string | null = response.headers.get("date");
      void [date, request.url];
    });
    const sdkOptions: SDKOptions = { serverURL: "https://api.example.com", httpClient, retryConfig, debugLogger: console };
    const sfc = new Sfc({ ...sdkOptions, bearerAuth: async () => "token" });

    export async function run(signal: AbortSignal): Promise<models.ImageListEntry[]> {
      const options: RequestOptions = { fetchOptions: { signal }, retries: { strategy: "none" }, headers: { a: "b" } };
      const images: models.ImageListEntry[] = [];
      for await (const page of await sfc.images.list({ limit: 5 }, options)) images.push(...page.result.data);
      const entry: ImageListEntry | undefined = (await new Images(sdkOptions).list()).result.data[0];
      const told: HookContext["options"] = sdkOptions;
      void [entry, told, isConnectionError(new NotFoundError({ error: { type: "not_found", message: "" } }, {} as never))];
      const listed = await imagesList(new SfcCore(sdkOptions), {}, { signal });
      const result: Result<operations.ListImagesResponse, unknown> = listed;
      const page: PageIterator<operations.ListImagesResponse> = await unwrapAsync(imagesList(sfc));
      const next = await page.next();
      if (!result.ok && result.error instanceof errors.BadRequestError) {
        const details: models.ErrorDetail[] = result.error.data$.error.details ?? [];
        void [details, result.error.headers.get("retry-after"), next?.result];
      }
      if (!listed.ok && listed.error instanceof errors.SfcError) throw listed.error;
      // @ts-expect-error -- there is no such field
      await sfc.images.startUpload({ name: "disk", size: 5 });
      // @ts-expect-error -- a number, not a text
      await sfc.images.uploadPart({ id: "image_1", body: { partId: "1" } });
      // @ts-expect-error -- required
      await sfc.images.fetch();
      return images;
    }
  `;
    const settings = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--skipLibCheck",
      "false",
      "--skipDefaultLibCheck",
      "--target",
      "es2022",
    ];

    /** As CommonJS, and by a bundler: `--module` given twice counts as given last. */
    const asCommonJs = ["--lib", "es2023", "--types", "node"];
    test.each([
      ["CommonJS under nodenext", "program.cts", asCommonJs],
      ["CommonJS under node16", "program.cts", [...asCommonJs, "--module", "node16"]],
      ["ESM under node16", "program.ts", [...asCommonJs, "--module", "node16"]],
      [
        "a bundler",
        "program.ts",
        [...asCommonJs, "--module", "esnext", "--moduleResolution", "bundler"],
      ],
    ])("as %s", async (_, name, args) => {
      await compiles(name, program, args);
    });

    async function compiles(name: string, code: string, args: string[]): Promise<void> {
      await writeFile(join(project, name), code);
      const failure = await run(process.execPath, [tsc, ...settings, ...args, name], {
        cwd: project,
      }).then(
        () => "",
        (error: unknown) => (error as { stdout: string }).stdout,
      );
      // Node's own declarations have mistakes against some libs; ours may have none.
      expect(
        failure.split("\n").filter((line) => line && !line.startsWith("node_modules/@types")),
      ).toEqual([]);
    }

    test.each([
      ["Node's types", ["--lib", "es2023", "--types", "node"]],
      [
        "lib DOM and exact optional properties",
        ["--lib", "es2023,dom", "--exactOptionalPropertyTypes"],
      ],
      ["lib WebWorker", ["--lib", "es2023,webworker"]],
    ])("with %s", async (_, args) => {
      await compiles("program.ts", program, args);
    });

    test("with the README's proxy, as documented", async () => {
      const code = `
      import { Sfc } from "@img/core";
      import { ProxyAgent } from "undici";
      import { HTTPClient } from "@img/core/lib/http";

      const dispatcher = new ProxyAgent("http://proxy.example.com:8080");

      const httpClient = new HTTPClient({
        // 'fetcher' takes a function that has the same signature as native 'fetch'.
        fetcher: (input, init) =>
          // 'dispatcher' is specific to undici and not part of the standard Fetch API.
          fetch(input, { ...init, dispatcher } as RequestInit),
      });

      const sdk = new Sfc({ httpClient: httpClient });
      void sdk;
    `;
      await compiles("proxy.ts", code, ["--lib", "es2023,dom", "--skipLibCheck"]);
    });
  },
);
