import js from "@eslint/js";
import ts from "typescript-eslint";
import keptPromises from "./eslint.kept-promises.js";

export default ts.config(
  { ignores: ["**/dist/", "coverage/", "docs/api/"] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Numbers and booleans read well in messages; objects stay an error.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // `noUncheckedIndexedAccess` makes `parts[0]!` the honest way to say "checked above".
      "@typescript-eslint/no-non-null-assertion": "off",
      // A port is async for the adapter that needs it; another one may have nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // `() => server.close()` in a callback that returns void is the shortest honest form.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  // A function that is longer is two; tests, and the suites of contracts, are lists of functions.
  {
    files: ["**/*.{ts,js}"],
    ignores: ["**/*.test.ts", "**/contracts/**", "**/*-contract.ts"],
    rules: {
      "max-lines-per-function": ["error", { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  // A file that is longer is two; tests are lists, and may have more.
  { files: ["**/*.ts"], rules: { "max-lines": ["error", 250] } },
  { files: ["**/*.test.ts"], rules: { "max-lines": ["error", 400] } },
  // Longer, with the reason: every way that a call can end, one after the other.
  { files: ["packages/core/src/call.test.ts"], rules: { "max-lines": "off" } },
  {
    files: [
      "packages/{transfer,browser-blob}/src/**/*.ts",
      "packages/node-fs/src/{disks,files,hashing,http,journals,threads}/*.ts",
    ],
    ignores: ["**/*.test.ts", "**/{testing,contracts,crash-test,fault-test}/**"],
    plugins: { own: { rules: { "kept-promises": keptPromises } } },
    rules: {
      "own/kept-promises": "error",
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
    },
  },
  { files: ["**/*.js"], extends: [ts.configs.disableTypeChecked] },
);
