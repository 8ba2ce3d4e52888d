#!/usr/bin/env bash
# A real S3-compatible store for tests.
#   store.sh start FOLDER    resolves when it answers; FOLDER/env has what tests are told of it, for the shell to read
#   store.sh stop FOLDER
#
# Where IMG_TEST_S3_ENDPOINT is set, that store is used: its bucket IMG_TEST_S3_BUCKET (img-test), which must
# be there, with the credentials of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Otherwise a Ceph RGW is
# started. It is installed before, on Debian and its like, as root or by sudo.
set -euo pipefail
action=$1 dir=$2
cd "$(dirname "$0")"

missing() {
  command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null && command -v radosgw >/dev/null && return 1
  return 0
}

# As root, or by a sudo that asks for no password, as on hosted runners.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q "$@" >/dev/null 2>&1
}

install() {
  local packages=(ceph-mon ceph-osd radosgw)
  if ! command -v apt-get >/dev/null || ! as_root true 2>/dev/null; then
    echo "test:s3 needs an S3-compatible store. Either" >&2
    echo "  - install Ceph as root: apt-get install --no-install-recommends ${packages[*]}, or" >&2
    echo "  - set IMG_TEST_S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those of a store." >&2
    exit 1
  fi
  # The lists of packages are mostly there already, and take as long to fetch as Ceph does.
  apt_get install --no-install-recommends "${packages[@]}" ||
    { apt_get update && apt_get install --no-install-recommends "${packages[@]}"; }
}

# The gateway's port; the monitor takes the next one. Another run on this machine may have the usual ones.
free_port() {
  node -e '
    const { createServer } = require("node:net");
    const isFree = (port) =>
      new Promise((resolve) => {
        const server = createServer().once("error", () => resolve(false));
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
      });
    (async () => {
      for (let port = 7490; ; port += 2)
        if ((await isFree(port)) && (await isFree(port + 1))) return console.log(port);
    })();
  '
}

start() {
  if [ -n "${IMG_TEST_S3_ENDPOINT:-}" ]; then
    touch "$dir/env"
    return
  fi
  if missing; then install; fi
  local port=${IMG_TEST_CEPH_PORT:-$(free_port)}
  ./ceph.sh start "$dir" "$port"
  cat >"$dir/env" <<ENV
export IMG_TEST_S3_ENDPOINT=http://127.0.0.1:$port IMG_TEST_S3_MAKE_BUCKET=1
export AWS_ACCESS_KEY_ID=TESTACCESSKEY00000000 AWS_SECRET_ACCESS_KEY=testsecretkey AWS_REGION=us-east-1
ENV
}

case $action in
  start) start ;;
  stop) ./ceph.sh stop "$dir" ;;
  *) echo "store.sh: start or stop" >&2 && exit 2 ;;
esac
