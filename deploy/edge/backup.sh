#!/usr/bin/env bash
# A copy of the core while it runs: its databases, as they are at one moment each, its keys, the broker's files, its settings and certificates.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
out="" nightly=no
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a file}; shift 2 ;;
    --nightly) nightly=yes; shift ;;
    -h|--help) echo "Usage: sudo backup.sh [--out FILE] [--nightly]"; echo; echo "  --out FILE  [default: essaim-DATE.tar.gz in the current folder]"; echo "  --nightly   Into CORE_BACKUPS of /etc/essaim/core.env; the last seven are kept"; echo; echo "Example: sudo backup.sh --out /media/usb/core.tar.gz"; exit 0 ;;
    *) echo "$me: '$1' is no option; see --help" >&2; exit 2 ;;
  esac
done
need_root
[ -d /var/lib/essaim/core ] || fail "there is no core on this machine (/var/lib/essaim/core)"
umask 077
name="essaim-$(date -u +%Y%m%d-%H%M%S).tar.gz"
if [ "$nightly" = yes ]; then
  folder=$(sed -n 's/^CORE_BACKUPS=//p' /etc/essaim/core.env)
  [ -n "$folder" ] || fail "CORE_BACKUPS is empty in /etc/essaim/core.env: no copies are wanted"
  mkdir -p "$folder"
  out="$folder/$name"
fi
out=${out:-$name}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/var/lib/essaim/core" "$stage/etc"
cp -a /etc/essaim "$stage/etc/"
cp -a /var/lib/essaim/mosquitto "$stage/var/lib/essaim/"
# Files that belong to a running process are no part of it.
(cd /var/lib/essaim/core && find . -maxdepth 1 -type f ! -name '*.db' ! -name '*.db-*' ! -name core.json ! -name up.lock -exec cp -a {} "$stage/var/lib/essaim/core/" \;)
for database in /var/lib/essaim/core/*.db; do
  sqlite3 -cmd '.timeout 30000' "$database" ".backup '$stage$database'"
  [ "$(sqlite3 "$stage$database" 'PRAGMA quick_check')" = ok ] || fail "the copy of $database is damaged: is the disk? Nothing was written"
done
tar -czf "$out.new" -C "$stage" etc var
mv "$out.new" "$out"
say "wrote $out ($(du -h "$out" | cut -f1))"
if [ "$nightly" = yes ]; then find "$folder" -maxdepth 1 -name 'essaim-*.tar.gz' -printf '%f\n' | sort -r | tail -n +8 | while IFS= read -r old; do rm -f "$folder/$old"; done; fi
