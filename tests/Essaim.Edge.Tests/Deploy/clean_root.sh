#!/usr/bin/env bash
# From two empty Debian systems to the first vote, by the scripts of a package: clean_root.sh PACKAGE FOLDER. Root only. Services are started by
# the lines of their units, each machine in a network of its own. Says what it has seen, a line each; ends at the first thing that is wrong.
set -euo pipefail
package=$(readlink -f "$1") folder=$(readlink -f "$2")
tag=e$$ started=""
see() { echo "seen: $*"; }
no() { echo "wrong: $*" >&2; exit 1; }
await() { local what=$1; shift; for _ in $(seq 600); do if "$@" >/dev/null 2>&1; then see "$what"; return; fi; sleep 0.1; done; for log in "$folder"/*.log; do echo "== $log" >&2; tail -n 40 "$log" >&2; done; no "not within a minute: $what"; }
cleanup() {
  local pid
  for pid in $started; do kill "$pid" 2>/dev/null || true; done
  for pid in $started; do wait "$pid" 2>/dev/null || true; done
  for machine in core slot; do
    for mount in proc dev opt/dotnet; do mountpoint -q "$folder/$machine/$mount" && umount -l "$folder/$machine/$mount"; done
    ip netns del "$tag-$machine" 2>/dev/null || true
  done
}
trap cleanup EXIT

# An empty Debian, with what a Raspberry Pi's image has that a smallest one lacks.
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1 || true)
suite=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
debootstrap --variant=minbase --include=systemd,ca-certificates,curl,iproute2,hostname "$suite" "$folder/core" "${mirror:-http://deb.debian.org/debian}" >"$folder/debootstrap.log" 2>&1 || { tail -n 20 "$folder/debootstrap.log" >&2; no "debootstrap"; }
rm -rf "$folder/core/etc/apt/sources.list" "$folder/core/etc/apt/sources.list.d"
cp -r /etc/apt/. "$folder/core/etc/apt/"
mkdir -p "$folder/core/usr/share/keyrings"
cp -r /usr/share/keyrings/. "$folder/core/usr/share/keyrings/"
# No daemon of Debian's may start here.
printf '#!/bin/sh\nexit 101\n' >"$folder/core/usr/sbin/policy-rc.d"
chmod 0755 "$folder/core/usr/sbin/policy-rc.d"
tar -xzf "$package" -C "$folder/core/root"
mkdir -p "$folder/core/opt/dotnet"
cp -a "$folder/core" "$folder/slot"
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
for machine in core slot; do
  mount -t proc proc "$folder/$machine/proc"
  mount --rbind /dev "$folder/$machine/dev"
  mount --make-rslave "$folder/$machine/dev"
  mount --bind -o ro "$dotnet" "$folder/$machine/opt/dotnet"
  echo "$machine" >"$folder/$machine/etc/hostname"
done
see "two empty systems"
inside() { local machine=$1; shift; env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$folder/$machine" "$@"; }
deploy=$(cd "$folder/core/root" && echo essaim-edge-*/deploy)

inside core "/root/$deploy/deploy_core.sh" >"$folder/deploy.txt" 2>&1 || { cat "$folder/deploy.txt" >&2; no "deploy_core.sh"; }
see "deploy_core.sh"
inside core "/root/$deploy/deploy_core.sh" >"$folder/deploy.txt" 2>&1 || { cat "$folder/deploy.txt" >&2; no "deploy_core.sh, again"; }
grep -q 'nothing had to be changed' "$folder/deploy.txt" || { cat "$folder/deploy.txt" >&2; no "deploy_core.sh changed something the second time"; }
see "deploy_core.sh again: nothing had to be changed"
inside core systemd-analyze verify --man=no /etc/systemd/system/essaim-{mosquitto,runs,core,backup}.service /etc/systemd/system/essaim-backup.timer 2>"$folder/verify.txt" || true
if grep '/essaim-' "$folder/verify.txt"; then no "systemd finds fault with a unit"; fi
see "units systemd finds no fault with"

# One cable between two machines.
for machine in core slot; do ip netns add "$tag-$machine"; ip -n "$tag-$machine" link set lo up; done
ip link add "${tag}c" netns "$tag-core" type veth peer name "${tag}s" netns "$tag-slot"
ip -n "$tag-core" addr add 10.77.0.1/24 dev "${tag}c"
ip -n "$tag-slot" addr add 10.77.0.2/24 dev "${tag}s"
ip -n "$tag-core" link set "${tag}c" up
ip -n "$tag-slot" link set "${tag}s" up
echo '10.77.0.1 core.local' >>"$folder/slot/etc/hosts"
echo '127.0.0.1 localhost' >>"$folder/slot/etc/hosts"
at() { local machine=$1; shift; ${EXEC:-} ip netns exec "$tag-$machine" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$folder/$machine" "$@"; }
# MACHINE UNIT: its ExecStart lines as its user, with its settings.
unit() {
  local machine=$1 name=$2 file="$folder/$1/etc/systemd/system/$2.service" line settings="" run
  run=$(sed -n 's/^RuntimeDirectory=//p' "$file")
  [ -z "$run" ] || inside "$machine" install -d -o essaim -g essaim "/run/$run"
  settings=$(sed -n 's/^EnvironmentFile=//p' "$file")
  line=$(sed -n 's/^ExecStartPre=//p' "$file")
  [ -z "$line" ] || inside "$machine" setpriv --reuid=essaim --regid=essaim --init-groups /bin/sh -c "$line"
  line=$(sed -n 's/^ExecStart=//p' "$file")
  EXEC="exec" at "$machine" setpriv --reuid=essaim --regid=essaim --init-groups /bin/sh -c "set -a; ${settings:+. $settings;} cd $(sed -n 's/^WorkingDirectory=//p' "$file" | grep . || echo /); exec $line" >>"$folder/$name.log" 2>&1 &
  started="$started $!"
  last=$!
}
end() { kill "$1"; wait "$1" 2>/dev/null || true; started=${started/ $1/}; }

unit core essaim-mosquitto
unit core essaim-core
core=$last
await "the core answers" at core curl -fs http://127.0.0.1:8000/healthz
EXEC="exec" at core nginx -g 'daemon off;' >>"$folder/nginx.log" 2>&1 &
started="$started $!"
at core /opt/essaim/tools/add_slot.sh slot-01 --label 'North gate' --core core.local --out /root/slot-01 >"$folder/add.txt"
[ "$(stat -c %a "$folder/core/root/slot-01/.env.slot")" = 600 ] || no "others may read the slot's password"
if at core /opt/essaim/tools/add_slot.sh slot-01 --out /root/slot-01 2>/dev/null; then no "add_slot.sh overwrote a slot's settings"; fi
see "add_slot.sh"

cp -r "$folder/core/root/slot-01" "$folder/slot/root/"
sed -i 's/^SLOT_GPIO=.*/SLOT_GPIO=none/' "$folder/slot/root/slot-01/.env.slot"
inside slot "/root/$deploy/deploy_slot.sh" --env /root/slot-01/.env.slot >"$folder/deploy.txt" 2>&1 || { cat "$folder/deploy.txt" >&2; no "deploy_slot.sh"; }
inside slot "/root/$deploy/deploy_slot.sh" --env /root/slot-01/.env.slot >"$folder/deploy.txt" 2>&1 || { cat "$folder/deploy.txt" >&2; no "deploy_slot.sh, again"; }
grep -q 'nothing had to be changed' "$folder/deploy.txt" || { cat "$folder/deploy.txt" >&2; no "deploy_slot.sh changed something the second time"; }
see "deploy_slot.sh, twice"
inside slot systemd-analyze verify --man=no /etc/systemd/system/essaim-slot.service 2>"$folder/verify.txt" || true
if grep '/essaim-' "$folder/verify.txt"; then no "systemd finds fault with the slot's unit"; fi

# The other machine's way to the core, encrypted, by its name.
password=$(sed -n 's/^SLOT_PASSWORD=//p' "$folder/slot/etc/essaim/slot.env")
at slot env ESSAIM_MQTT_PASSWORD="$password" essaim mqtt check core.local --user slot-01 --ca-file /etc/essaim/core-ca.pem --lang fr >"$folder/check.txt" || { cat "$folder/check.txt" >&2; no "mqtt check"; }
grep -q 'Connexion réussie' "$folder/check.txt" || no "mqtt check says nothing in French"
see "the slot's way to the broker, encrypted"
if at slot curl -fs -m 3 http://10.77.0.1:8000/healthz; then no "the core answers the network without encryption"; fi
if at slot curl -fs -m 3 telnet://10.77.0.1:1883 </dev/null; then no "the broker answers the network without encryption"; fi
key=$(cat "$folder/core/var/lib/essaim/core/admin.key")
api() { local path=$1; shift; at slot curl -fsS --cacert /etc/essaim/core-ca.pem -H "Authorization: Bearer $key" "$@" "https://core.local/v1/$path"; }
[ "$(at slot curl -s -o /dev/null -w '%{redirect_url}' http://core.local:3000/)" = https://core.local/edge ] || no "the old address does not lead to the page"
see "the API by https, the old address"

unit slot essaim-slot
slot=$last
is_online() { api devices | grep -q '"online"'; }
await "the slot is on line" is_online
api rounds -X POST -H 'Content-Type: application/json' -d '{"expected": 1}' >/dev/null
knows_round() { at slot curl -fs http://127.0.0.1:5173/status | grep -q '"open"'; }
await "the slot knows of the round" knows_round
at slot curl -fsS -X POST -H 'Content-Type: application/json' -d '{"choice":"yes"}' http://127.0.0.1:5173/press >/dev/null
is_closed() { api rounds/1 | grep -q '"closed"'; }
await "the first vote closed its round" is_closed

at core /opt/essaim/tools/backup.sh --out /root/copy.tar.gz >/dev/null
end "$slot"
api rounds -X POST -H 'Content-Type: application/json' -d '{"expected": 3}' >/dev/null
if at core /opt/essaim/tools/restore.sh /root/copy.tar.gz 2>/dev/null; then no "restore.sh while the core runs"; fi
end "$core"
at core /opt/essaim/tools/restore.sh /root/copy.tar.gz >"$folder/restore.txt"
unit core essaim-core
await "the core answers after its copy was put back" at core curl -fs http://127.0.0.1:8000/healthz
api rounds | grep -q '"id": *1' || no "the round before the copy is lost"
if api rounds | grep -q '"id": *2'; then no "a round after the copy is still there"; fi
see "backup.sh, restore.sh"
