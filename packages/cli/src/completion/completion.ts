import type { Command } from "commander";
import type { CommandTable } from "../command-entry.js";

/** What a shell can complete of one command. */
interface Known {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly flag: string; readonly text: string }[];
}

/** A script for a shell, made from the commands themselves. */
export function completionScript(shell: "bash" | "zsh" | "fish", table: CommandTable): string {
  const commands = Object.entries(table).map(([name, { summary, make }]) =>
    known(name, summary, make()),
  );
  return { bash, zsh, fish }[shell](commands);
}

function known(name: string, summary: string, command: Command): Known {
  const options = command.options
    .filter(({ hidden, long }) => !hidden && long)
    .map(({ long, description }) => ({ flag: long ?? "", text: description }));
  return { name, summary, options: [...options, { flag: "--help", text: "display help" }] };
}

const flagsOf = ({ options }: Known): string => options.map(({ flag }) => flag).join(" ");

function bash(commands: readonly Known[]): string {
  const cases = commands.map((one) => `      ${one.name}) words="${flagsOf(one)}" ;;`).join("\n");
  return `_img() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=""
  if [[ $COMP_CWORD -eq 1 ]]; then
    words="${commands.map(({ name }) => name).join(" ")} help"
  elif [[ $current == -* ]]; then
    case \${COMP_WORDS[1]} in
${cases}
    esac
  else
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _img img
`;
}

function zsh(commands: readonly Known[]): string {
  const names = commands
    .map(({ name, summary }) => `    ${single(`${name}:${summary}`)}`)
    .join("\n");
  const cases = commands
    .map((one) => {
      const specs = one.options.map(({ flag, text }) => single(`${flag}[${bare(text)}]`));
      return `    ${one.name}) _arguments ${specs.join(" ")} '*:file:_files' ;;`;
    })
    .join("\n");
  return `#compdef img
_img() {
  local -a commands
  commands=(
${names}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases}
  esac
}
if [[ $funcstack[1] == _img ]]; then _img "$@"; else compdef _img img; fi
`;
}

function fish(commands: readonly Known[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c img -n __fish_use_subcommand -f -a ${name} -d ${single(summary)}`,
    ...options.map(
      ({ flag, text }) =>
        `complete -c img -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${single(text)}`,
    ),
  ]);
  return `${lines.join("\n")}\n`;
}

/** Fish and zsh read a quote in quotes differently; nothing here needs one. */
const single = (text: string): string => `'${text.replaceAll("'", "")}'`;

/** Brackets and colons mean something to zsh's `_arguments`. */
const bare = (text: string): string => text.replace(/[[\]:]/g, "");
