#!/usr/bin/env bash
# Uploads INPUT_FILE and writes the image's id and sha256 to GITHUB_OUTPUT. Called by action.yml.
#
# IMG is the command to use. Without it the command of this very checkout is built, which takes a minute.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

if [ -z "${IMG:-}" ]; then
  (cd "$here" && npm run --silent setup && npm run --silent build) >&2
  IMG="node $here/packages/cli/dist/main.js"
fi

# The same run again finds its own image complete, and the next one replaces what nobody can finish.
arguments=(upload "$INPUT_FILE" --json --if-name-taken accept-same)
[ -z "${INPUT_NAME:-}" ] || arguments+=(--name "$INPUT_NAME")
[ -z "${INPUT_WORKSPACE:-}" ] || arguments+=(--workspace "$INPUT_WORKSPACE")
[ "${INPUT_FORMAT:-auto}" = auto ] || arguments+=(--format "$INPUT_FORMAT")
while IFS= read -r argument; do
  [ -z "$argument" ] || arguments+=("$argument")
done <<<"${INPUT_ARGS:-}"

events=$(mktemp)
trap 'rm -f "$events"' EXIT
# Word splitting is meant: IMG may be a program with arguments.
# shellcheck disable=SC2086
$IMG "${arguments[@]}" | tee "$events"

# The last event of a successful upload is "completed".
node - "$events" >>"$GITHUB_OUTPUT" <<'JS'
const last = require("node:fs").readFileSync(process.argv[2], "utf8").trim().split("\n").at(-1);
const { id, sha256 } = JSON.parse(last);
console.log(`id=${id}\nsha256=${sha256}`);
JS
