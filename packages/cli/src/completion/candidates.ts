import type { Argument, Command, Option } from "commander";
import type { CommandTable } from "../command-entry.js";

/** The possible completions of a word. */
export interface Candidates {
  readonly words: readonly { readonly word: string; readonly text: string }[];
  /** Further completions that have to be looked up elsewhere. */
  readonly also: "files" | "images" | "uploads" | null;
}

const none: Candidates = { words: [], also: null };

/** Returns the completions of the last word, which may be empty. @param words The command line, without `img`. */
export function candidates(
  words: readonly string[],
  table: CommandTable,
  aliases: Readonly<Record<string, string>>,
): Candidates {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const name = before.find((word) => !word.startsWith("-"));
  if (name === undefined) return beginning(commandWords(table, aliases), current);
  const entry = Object.hasOwn(table, aliases[name] ?? name) ? table[aliases[name] ?? name] : null;
  if (entry == null)
    return name === "help" ? beginning(commandWords(table, aliases), current) : none;
  const rest = before.slice(before.indexOf(name) + 1);
  const top = entry.make();
  const sub = top.commands.find((one) => one.name() === rest[0]);
  return ofCommand(sub ?? top, sub === undefined ? rest : rest.slice(1), current);
}

function ofCommand(command: Command, before: readonly string[], current: string): Candidates {
  const [, flag, part] = /^(--[\w-]+)=(.*)$/.exec(current) ?? [];
  const options = command.options.filter(({ hidden }) => !hidden);
  const named = (word: string | undefined): Option | undefined =>
    options.find(({ long, short }) => word !== undefined && (word === long || word === short));
  if (flag !== undefined) return ofValue(named(flag), part!, `${flag}=`);
  const last = named(before.at(-1));
  if (last?.required) return ofValue(last, current, "");
  if (current.startsWith("-")) {
    const flags = options.map(({ long, description }) => ({ word: long ?? "", text: description }));
    return beginning([...flags, { word: "--help", text: "display help" }], current);
  }
  const given = before.filter(
    (word, n) => !word.startsWith("-") && !named(before[n - 1])?.required,
  );
  const positional = command.registeredArguments;
  const subs = command.commands.map((one) => ({ word: one.name(), text: one.summary() }));
  const ofSubs = beginning(given.length === 0 ? subs : [], current);
  const argument = positional[given.length] ?? positional.find(({ variadic }) => variadic);
  return argument === undefined ? ofSubs : ofArgument(argument, current, command);
}

function ofValue(option: Option | undefined, current: string, prefix: string): Candidates {
  if (option === undefined) return none;
  const choices = (option.argChoices ?? []).map((word) => ({ word: prefix + word, text: "" }));
  const isFile = /<(file|folder)>/.test(option.flags) && prefix === "";
  return { ...beginning(choices, prefix + current), also: isFile ? "files" : null };
}

function ofArgument(argument: Argument, current: string, command: Command): Candidates {
  const choices = (argument.argChoices ?? []).map((word) => ({ word, text: "" }));
  const also = /^(file|target)$/.test(argument.name())
    ? "files"
    : /^(id-or-name|image)$/.test(argument.name())
      ? "images"
      : argument.name() === "name" && command.parent?.name() === "transfers"
        ? "uploads"
        : null;
  return { ...beginning(choices, current), also };
}

const commandWords = (
  table: CommandTable,
  aliases: Readonly<Record<string, string>>,
): Candidates["words"] => [
  ...Object.entries(table).map(([word, { summary }]) => ({ word, text: summary })),
  ...Object.entries(aliases).map(([word, of]) => ({ word, text: table[of]?.summary ?? "" })),
  { word: "help", text: "show the options of a command" },
];

const beginning = (words: Candidates["words"], current: string): Candidates => ({
  words: words.filter(({ word }) => word.startsWith(current)),
  also: null,
});
