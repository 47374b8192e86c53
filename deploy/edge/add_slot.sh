#!/usr/bin/env bash
# On the core: registers a slot, and writes the folder to take to it (on a USB stick, by scp).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
id="" label="" out="" core=""
usage() {
  cat <<'EOF'
Usage: sudo add_slot.sh ID [--label TEXT] [--core HOST] [--out DIR]

  ID            The slot: 1 to 32 of a-z, 0-9 and -
  --label TEXT  What people call it
  --core HOST   Name or address under which it finds this machine [default: HOSTNAME.local]
  --out DIR     Where the folder goes [default: ./ID]

Example: sudo add_slot.sh slot-01 --label 'North gate' --out /media/usb/slot-01
EOF
}
while [ $# -gt 0 ]; do
  case $1 in
    --label) label=${2:?--label needs a text}; shift 2 ;;
    --core) core=${2:?--core needs a host}; shift 2 ;;
    --out) out=${2:?--out needs a folder}; shift 2 ;;
    -h|--help) usage; exit 0 ;;
    -*) echo "$me: '$1' is no option; see --help" >&2; exit 2 ;;
    *) [ -z "$id" ] || { echo "$me: one slot at a time; see --help" >&2; exit 2; }; id=$1; shift ;;
  esac
done
[ -n "$id" ] || { usage >&2; exit 2; }
need_root
out=${out:-$id}
[ ! -e "$out/.env.slot" ] || fail "'$out/.env.slot' is there already, and its password may be in use. Name another folder with --out, or remove it; for a new password: essaim device revoke $id --data /var/lib/essaim/core, then this again"
lan=$(sed -n 's/^CORE_MQTT_LAN=//p' /etc/essaim/core.env 2>/dev/null || true)
password=$(essaim device add "$id" ${label:+--label "$label"} --data /var/lib/essaim/core --format json | sed -n 's/.*"password": *"\([^"]*\)".*/\1/p')
[ -n "$password" ] || fail "the slot was not registered (above); does the core run? systemctl status essaim-core"
umask 077
mkdir -p "$out"
sed -e "s/^CORE_HOST=.*/CORE_HOST=${core:-$(hostname).local}/" -e "s/^SLOT_ID=.*/SLOT_ID=$id/" -e "s|^SLOT_PASSWORD=.*|SLOT_PASSWORD=$password|" "$here/.env.slot" >"$out/.env.slot"
if [ "${lan:-tls}" = tls ]; then cp /etc/essaim/tls/ca.pem "$out/core-ca.pem"; else sed -i 's/^CORE_CA_FILE=.*/CORE_CA_FILE=/' "$out/.env.slot"; fi
say "wrote $out/.env.slot, with the password: nobody else may read it. On the slot: sudo ./deploy_slot.sh --env $(basename "$out")/.env.slot"
