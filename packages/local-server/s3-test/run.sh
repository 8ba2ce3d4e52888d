#!/usr/bin/env bash
# The tests of the S3 store, against a real one: see store.sh. What follows the name goes to vitest.
set -euo pipefail
cd "$(dirname "$0")/../../.."

store=$(mktemp -d)
trap 'packages/local-server/s3-test/store.sh stop "$store"; rm -rf "$store"' EXIT
packages/local-server/s3-test/store.sh start "$store"
. "$store/env"
npx vitest run --config vitest.s3.config.ts "$@"
