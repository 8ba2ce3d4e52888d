#!/usr/bin/env bash
# A real S3-compatible store for tests: Ceph RGW over one object daemon that keeps all in memory.
#   ceph.sh start FOLDER PORT    resolves when it answers; takes PORT, PORT+1 and 127.0.0.1:6800 to 6807
#   ceph.sh stop FOLDER
# Credentials: see below. Needs the Debian packages ceph-mon, ceph-osd and radosgw.
set -euo pipefail

action=$1
dir=$(mkdir -p "$2" && cd "$2" && pwd)

stop() {
  for daemon in client.rgw osd.0 mon.a; do
    [ -f "$dir/run/$daemon.pid" ] && kill -9 "$(cat "$dir/run/$daemon.pid")" 2>/dev/null || true
  done
}

configure() {
  local port=$1 monitor_port=$(($1 + 1))
  mkdir -p "$dir"/{mon,osd,rgw,run,log}
  fsid=$(cat /proc/sys/kernel/random/uuid)
  monitor="[v2:127.0.0.1:$monitor_port]"
  cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$monitor_port/0]
mon initial members = a
mon data = $dir/mon
mon data avail crit = 1
mon osd full ratio = 0.99
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 2000
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 4294967296
osd data = $dir/osd
osd class load list = *
osd class default list = *
keyring = $dir/keyring
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
log file = $dir/log/\$name.log
log to stderr = false
[osd]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw dns name =
rgw enable usage log = false
rgw thread pool size = 32
rgw data = $dir/rgw
CONF
  export CEPH_CONF=$dir/ceph.conf
}

start_monitor() {
  monmaptool --create --fsid "$fsid" --addv a "$monitor" "$dir/monmap"
  ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
  ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  ceph-authtool "$dir/keyring" --gen-key -n client.rgw --cap mon 'allow *' --cap osd 'allow *'
  ceph-authtool "$dir/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  ceph-mon --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
  ceph-mon -i a
}

start_object_daemon() {
  local uuid
  uuid=$(cat /proc/sys/kernel/random/uuid)
  timeout 60 ceph osd new "$uuid"
  ceph-osd -i 0 --mkfs --osd-uuid "$uuid"
  ceph-osd -i 0
}

start_gateway() {
  radosgw -n client.rgw
  for _ in $(seq 300); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && break
    sleep 0.2
  done
  radosgw-admin user create --uid=test --display-name=test \
    --access-key=TESTACCESSKEY00000000 --secret-key=testsecretkey
}

case $action in
  stop) stop ;;
  start)
    configure "$3"
    trap 'code=$?; [ $code = 0 ] || { cat "$dir/log/start.log" >&2; stop; }' EXIT
    { start_monitor && start_object_daemon && start_gateway "$3"; } >"$dir/log/start.log" 2>&1
    ;;
  *) echo "ceph.sh: start or stop" >&2 && exit 2 ;;
esac
