#!/usr/bin/env bash
# The tests of the S3 store, against a real one. What follows the name goes to vitest.
#
# Where IMG_TEST_S3_ENDPOINT is set, that store is used: its bucket IMG_TEST_S3_BUCKET (img-test), which must
# be there, with the credentials of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Otherwise a Ceph RGW is
# started, and installed before if this is Debian and we are root.
set -euo pipefail
cd "$(dirname "$0")/../../.."

missing() {
  command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null && command -v radosgw >/dev/null && return 1
  return 0
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ceph-mon ceph-osd radosgw >/dev/null 2>&1
}

install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "test:s3 needs an S3-compatible store: install Ceph (ceph-mon, ceph-osd, radosgw), or set IMG_TEST_S3_ENDPOINT." >&2
    exit 1
  fi
  # The lists of packages are mostly there already, and take as long to fetch as Ceph does.
  apt_install || { apt-get update -q >/dev/null && apt_install; }
}

if [ -z "${IMG_TEST_S3_ENDPOINT:-}" ]; then
  if missing; then install; fi
  dir=$(mktemp -d)
  trap 'packages/local-server/s3-test/ceph.sh stop "$dir"; rm -rf "$dir"' EXIT
  port=${IMG_TEST_CEPH_PORT:-7490}
  packages/local-server/s3-test/ceph.sh start "$dir" "$port"
  export IMG_TEST_S3_ENDPOINT=http://127.0.0.1:$port IMG_TEST_S3_MAKE_BUCKET=1
  export AWS_ACCESS_KEY_ID=TESTACCESSKEY00000000 AWS_SECRET_ACCESS_KEY=testsecretkey AWS_REGION=us-east-1
fi
npx vitest run --config vitest.s3.config.ts "$@"
