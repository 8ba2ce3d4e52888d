import type { Option } from "commander";

/** Gives an option its choices, and takes a former spelling of one of them too, which help and completion do not show. */
export function choicesWithFormer(
  option: Option,
  choices: readonly string[],
  former: Readonly<Record<string, string>>,
): Option {
  const parse = option.choices(choices).parseArg;
  return option.argParser((given, previous) => parse?.(former[given] ?? given, previous));
}
