#!/usr/bin/env bash
# Makes this machine a slot: buttons, lights and its page, started with the machine. Run it again after any change; it only does what is left
# to do, and never touches the votes it holds.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'EOF'
Usage: sudo ./deploy_slot.sh [--env FILE] [--dotnet FILE] [--docker] [--dry-run]

  --env FILE     Settings [default: .env.slot beside this script; add_slot.sh on the core makes it]
  --dotnet FILE  .NET 10 (aspnetcore-runtime-….tar.gz) for a machine without the internet
  --docker       As a container, by docker compose, instead of a service
  --dry-run      Say what would be done, and do nothing

Examples:
  sudo ./deploy_slot.sh --env /media/usb/slot-01/.env.slot
  ./deploy_slot.sh --dry-run
EOF
}
settings="$here/.env.slot" dotnet="" docker=no
while [ $# -gt 0 ]; do
  case $1 in
    --env) settings=${2:?--env needs a file}; shift 2 ;;
    --dotnet) dotnet=${2:?--dotnet needs a file}; shift 2 ;;
    --docker) docker=yes; shift ;;
    --dry-run) dry_run=yes; shift ;;
    -h|--help) usage; exit 0 ;;
    *) echo "$me: '$1' is no option; see --help" >&2; exit 2 ;;
  esac
done
read_settings "$settings"
[ -n "${CORE_HOST:-}" ] || fail "CORE_HOST is missing in $settings: the core's name or address"
case ${SLOT_ID:-} in ''|*[!a-z0-9-]*) fail "SLOT_ID is '${SLOT_ID:-}' in $settings: 1 to 32 of a-z, 0-9 and -. On the core: sudo /opt/essaim/tools/add_slot.sh slot-01" ;; esac
[ -n "${SLOT_PASSWORD:-}" ] || fail "SLOT_PASSWORD is missing in $settings. On the core: sudo /opt/essaim/tools/add_slot.sh $SLOT_ID"
authority=${CORE_CA_FILE:-}
case $authority in ''|/*) ;; *) authority="$(cd "$(dirname "$settings")" && pwd -P)/$authority" ;; esac
[ -z "$authority" ] || [ -r "$authority" ] || fail "the core's authority '$authority' (CORE_CA_FILE in $settings) cannot be read; fetch it from http://$CORE_HOST/core-ca.pem or the core's /etc/essaim/tls/ca.pem"
need_root

folder /etc/essaim 0755 root:root
[ -z "$authority" ] || put "$authority" /etc/essaim/core-ca.pem 0644 root:root
group=root
[ "$docker" = yes ] || { make_user gpio; group=essaim; }
settings_of_slot() {
  local name
  echo "CORE_HOST=$CORE_HOST"
  [ -z "$authority" ] || echo "CORE_CA_FILE=/etc/essaim/core-ca.pem"
  for name in CORE_PORT SLOT_ID SLOT_PASSWORD SLOT_BUTTONS SLOT_LIGHTS SLOT_GPIO SLOT_GPIO_LABEL SLOT_ACTIVE_LOW SLOT_DEBOUNCE_MS SLOT_LISTEN SLOT_PORT; do
    [ -z "${!name:-}" ] || echo "$name=${!name}"
  done
}
put_text /etc/essaim/slot.env 0640 "root:$group" < <(settings_of_slot)

if [ "$docker" = yes ]; then
  need_docker
  with_compose essaim-slot slot.yml
  finish
  say "its log: $compose logs -f"
  exit 0
fi

packages avahi-daemon libnss-mdns
install_dotnet "$dotnet"
install_app
folder /var/lib/essaim 0755 essaim:essaim
folder /var/lib/essaim/slot 0700 essaim:essaim
put "$here/systemd/essaim-slot.service" /etc/systemd/system/essaim-slot.service 0644 root:root
put "$here/systemd/essaim-reboot.rules" /etc/polkit-1/rules.d/50-essaim-reboot.rules 0644 root:root
put_text /etc/systemd/timesyncd.conf.d/essaim.conf 0644 root:root <<EOF
[Time]
NTP=$CORE_HOST
EOF
if [ "${SLOT_KIOSK:-no}" = yes ]; then
  packages chromium
  put_text /etc/xdg/autostart/essaim-slot.desktop 0644 root:root <<EOF
[Desktop Entry]
Type=Application
Name=Essaim slot
Exec=chromium --kiosk --noerrdialogs --disable-infobars http://127.0.0.1:${SLOT_PORT:-5173}/
EOF
else
  run rm -f /etc/xdg/autostart/essaim-slot.desktop
fi
# Where the core runs, too, its chrony has taken this one's place.
if did_change /etc/systemd/timesyncd && has_systemd && systemctl -q is-active systemd-timesyncd.service; then run systemctl restart systemd-timesyncd.service; fi
services essaim-slot.service
finish
say "its page: http://127.0.0.1:${SLOT_PORT:-5173}/ · its log: journalctl -u essaim-slot -f"
say "the way to the core: sudo sh -c '. /etc/essaim/slot.env; ESSAIM_MQTT_PASSWORD=\$SLOT_PASSWORD essaim mqtt check $CORE_HOST --user $SLOT_ID${authority:+ --ca-file /etc/essaim/core-ca.pem}'"
