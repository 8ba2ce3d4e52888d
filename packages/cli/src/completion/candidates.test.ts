import { expect, test } from "vitest";
import { aliases, commandTable } from "../command-table.js";
import { candidates } from "./candidates.js";

const words = (...given: string[]): string[] =>
  candidates(given, commandTable, aliases).words.map(({ word }) => word);
const also = (...given: string[]) => candidates(given, commandTable, aliases).also;

test.each([
  ["a command", ["d"], ["download", "delete", "doctor"]],
  ["a command by its alias", ["l"], ["list", "ls"]],
  ["a command to help", ["help", "rev"], ["revoke"]],
  ["an option", ["upload", "--if-"], ["--if-source-changed", "--if-image-gone", "--if-name-taken"]],
  ["an option's value", ["upload", "a.img", "--check", ""], ["warn", "strict", "off"]],
  ["an option's value behind =", ["upload", "--check=s"], ["--check=strict"]],
  ["a subcommand", ["transfers", ""], ["resume", "forget"]],
  ["a subcommand's option", ["transfers", "forget", "--delete"], ["--delete-image"]],
  ["an argument's value", ["completion", ""], ["bash", "zsh", "fish"]],
  ["nothing for a number", ["upload", "--lanes", ""], []],
  ["nothing of an unknown command", ["constructor", ""], []],
])("%s is completed", (_, given, expected) => {
  expect(words(...given)).toEqual(expected);
});

test("files, images and unfinished uploads are completed where a command takes them", () => {
  expect(also("upload", "")).toBe("files");
  expect(also("upload", "a.img", "")).toBe("files");
  expect(also("rm", "")).toBe("images");
  expect(also("download", "a.img", "")).toBe("files");
  expect(also("transfers", "resume", "")).toBe("uploads");
  expect(also("serve", "--tls-cert", "")).toBe("files");
  expect(also("upload", "--lanes", "")).toBe(null);
});
