#!/usr/bin/env bash
# Puts a copy made by backup.sh back. What is there now is kept beside it. On a new machine: deploy_core.sh first, then this.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
case ${1:-} in
  ''|-h|--help) echo "Usage: sudo restore.sh FILE"; echo; echo "Example: sudo restore.sh /var/backups/essaim/essaim-20260101-040000.tar.gz"; [ -n "${1:-}" ]; exit ;;
  -*) echo "$me: '$1' is no option; see --help" >&2; exit 2 ;;
esac
need_root
[ -r "$1" ] || fail "'$1' cannot be read"
id essaim >/dev/null 2>&1 || fail "there is no core on this machine yet: run deploy_core.sh first"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
tar -xzf "$1" -C "$stage" || fail "'$1' is no copy made by backup.sh, or is damaged. Nothing was changed"
[ -f "$stage/var/lib/essaim/core/metadata.db" ] || fail "'$1' holds no core. Nothing was changed"
for database in "$stage"/var/lib/essaim/core/*.db; do [ "$(sqlite3 "$database" 'PRAGMA quick_check' 2>/dev/null)" = ok ] || fail "$(basename "$database") in '$1' is damaged. Nothing was changed"; done
if has_systemd; then systemctl stop essaim-core.service essaim-mosquitto.service; fi
[ ! -e /var/lib/essaim/core/up.lock ] || flock -n /var/lib/essaim/core/up.lock true || fail "the core runs: stop it first. Nothing was changed"
before="/var/lib/essaim/before-$(date -u +%Y%m%d-%H%M%S)"
mkdir -p "$before"
mv /var/lib/essaim/core /var/lib/essaim/mosquitto "$before/"
cp -a /etc/essaim "$before/etc"
cp -a "$stage/var/lib/essaim/core" "$stage/var/lib/essaim/mosquitto" /var/lib/essaim/
cp -a "$stage/etc/essaim/." /etc/essaim/
chown -R essaim:essaim /var/lib/essaim/core /var/lib/essaim/mosquitto
chown root:essaim /etc/essaim/core.env /etc/essaim/tls/core.key
if has_systemd; then systemctl start essaim-mosquitto.service essaim-core.service; fi
say "done. What was here is in $before; remove it when all is well"
