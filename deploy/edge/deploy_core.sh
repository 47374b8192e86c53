#!/usr/bin/env bash
# Makes this machine the core: Mosquitto, the API and the operator's page, started with the machine. Run it again after any change; it only
# does what is left to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'EOF'
Usage: sudo ./deploy_core.sh [--env FILE] [--dotnet FILE] [--docker] [--dry-run]

  --env FILE     Settings [default: .env.core beside this script]
  --dotnet FILE  .NET 10 (aspnetcore-runtime-….tar.gz) for a machine without the internet
  --docker       Broker and core as containers, by docker compose, instead of services
  --dry-run      Say what would be done, and do nothing

Examples:
  sudo ./deploy_core.sh
  ./deploy_core.sh --dry-run
EOF
}
settings="$here/.env.core" dotnet="" docker=no
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
names=${CORE_NAMES:-core.local} lan=${CORE_MQTT_LAN:-tls} web=${CORE_WEB:-yes} old_port=${CORE_OLD_PORT-3000} votes=${NIGHT_EXPECTED_VOTES:-9} options=${CORE_OPTIONS:-} backups=${CORE_BACKUPS-/var/backups/essaim}
case $lan in tls|open) ;; *) fail "CORE_MQTT_LAN is '$lan' in $settings: it is tls or open" ;; esac
case $web in yes|no) ;; *) fail "CORE_WEB is '$web' in $settings: it is yes or no" ;; esac
case $votes in ''|0|*[!0-9]*) fail "NIGHT_EXPECTED_VOTES is '$votes' in $settings: it is a number above 0, such as 9" ;; esac
case $old_port in *[!0-9]*) fail "CORE_OLD_PORT is '$old_port' in $settings: it is a port, such as 3000, or empty" ;; esac
case $names in *[!a-zA-Z0-9.,-]*) fail "CORE_NAMES is '$names' in $settings: it is names of letters, digits, dots and hyphens, separated by commas" ;; esac
need_root

with_docker() {
  need_docker
  folder /etc/essaim 0755 root:root
  put "$settings" /etc/essaim/core.env 0640 root:root
  put "$here/compose/mosquitto.conf" /etc/essaim/mosquitto.conf 0644 root:root
  with_compose essaim-core core.yml
  finish
  say "a slot: $compose exec core essaim device add slot-01 --data /var/lib/essaim/core"
}
if [ "$docker" = yes ]; then with_docker; exit 0; fi

# A broker of our own unit: Debian's, which listens on the same port, is put to rest before it is installed.
if [ "$(readlink /etc/systemd/system/mosquitto.service 2>/dev/null)" != /dev/null ]; then
  if has_systemd; then run systemctl disable -q --now mosquitto.service 2>/dev/null || true; fi
  run mkdir -p /etc/systemd/system
  run ln -sf /dev/null /etc/systemd/system/mosquitto.service
  if has_systemd; then run systemctl daemon-reload; fi
fi
wanted="mosquitto openssl sqlite3 chrony avahi-daemon libnss-mdns bubblewrap python3"
[ "$web" = yes ] && wanted="$wanted nginx-light"
# shellcheck disable=SC2086
packages $wanted
make_user ""
install_dotnet "$dotnet"
install_app

folder /etc/essaim 0755 root:root
folder /etc/essaim/mosquitto.d 0755 root:root
folder /etc/essaim/tls 0755 root:root
folder /var/lib/essaim 0755 essaim:essaim
for part in core mosquitto broker; do folder /var/lib/essaim/$part 0700 essaim:essaim; done

# A private authority, once; the core's certificate anew when its names change or it ends within a month.
certificate() {
  local tls=/etc/essaim/tls list name
  list="DNS:$(hostname),DNS:localhost,IP:127.0.0.1"
  for name in ${names//,/ }; do list="$list,DNS:$name"; done
  for name in $(hostname -I 2>/dev/null || true); do case $name in *:*) ;; *) list="$list,IP:$name" ;; esac; done
  if [ ! -f $tls/ca.key ]; then
    say "makes a private authority, $tls/ca.pem"
    run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7300 -subj "/CN=Essaim $(hostname)" \
      -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -keyout $tls/ca.key -out $tls/ca.pem 2>/dev/null
    run chmod 0600 $tls/ca.key
  fi
  if [ -f $tls/core.pem ] && [ "$(cat $tls/names 2>/dev/null)" = "$list" ] && openssl x509 -checkend 2592000 -noout -in $tls/core.pem >/dev/null; then return; fi
  say "makes the core's certificate for $list"
  [ "$dry_run" = yes ] && return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$(hostname)" -keyout $tls/core.key.new -out $tls/core.csr 2>/dev/null
  openssl x509 -req -in $tls/core.csr -CA $tls/ca.pem -CAkey $tls/ca.key -CAcreateserial -days 825 -out $tls/core.pem.new \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$list") 2>/dev/null
  rm -f $tls/core.csr
  chown root:essaim $tls/core.key.new
  chmod 0640 $tls/core.key.new
  mv $tls/core.key.new $tls/core.key
  mv $tls/core.pem.new $tls/core.pem
  printf '%s\n' "$list" >$tls/names
  changed="$changed $tls/core.pem"
}
certificate

put "$here/mosquitto/essaim.conf" /etc/essaim/mosquitto.conf 0644 root:root
put "$here/mosquitto/$lan.conf" /etc/essaim/mosquitto.d/listeners.conf 0644 root:root
put_text /etc/essaim/core.env 0640 root:essaim <<EOF
NIGHT_EXPECTED_VOTES=$votes
CORE_OPTIONS=$options
CORE_BACKUPS=$backups
CORE_MQTT_LAN=$lan
EOF
for unit in essaim-mosquitto.service essaim-runs.service essaim-core.service essaim-backup.service essaim-backup.timer; do put "$here/systemd/$unit" /etc/systemd/system/$unit 0644 root:root; done
for tool in lib.sh backup.sh restore.sh add_slot.sh .env.slot; do put "$here/$tool" /opt/essaim/tools/$tool "$([ -x "$here/$tool" ] && echo 0755 || echo 0644)" root:root; done

# The slots' clock: this machine's, also without the internet.
put_text /etc/chrony/conf.d/essaim.conf 0644 root:root <<'EOF'
allow 10.0.0.0/8
allow 172.16.0.0/12
allow 192.168.0.0/16
allow fd00::/8
local stratum 10
EOF
did_change /etc/chrony/ && has_systemd && run systemctl restart chrony.service

if [ "$web" = yes ]; then
  put "$here/nginx/essaim.conf" /etc/nginx/sites-available/essaim 0644 root:root
  if [ -n "$old_port" ]; then
    put_text /etc/nginx/sites-available/essaim-old-port 0644 root:root < <(sed "s/@PORT@/$old_port/" "$here/nginx/old-port.conf")
    run ln -sfn ../sites-available/essaim-old-port /etc/nginx/sites-enabled/essaim-old-port
  else
    run rm -f /etc/nginx/sites-enabled/essaim-old-port
  fi
  run ln -sfn ../sites-available/essaim /etc/nginx/sites-enabled/essaim
  run rm -f /etc/nginx/sites-enabled/default
  run nginx -t -q || fail "nginx does not take the configuration (above)"
else
  run rm -f /etc/nginx/sites-enabled/essaim /etc/nginx/sites-enabled/essaim-old-port
fi

services essaim-mosquitto.service essaim-core.service
[ -z "$backups" ] || services essaim-backup.timer
if [ -x /usr/sbin/nginx ] && has_systemd; then run systemctl reload-or-restart nginx.service; fi

if has_systemd && [ "$dry_run" = no ]; then
  for _ in $(seq 60); do curl -fs -o /dev/null http://127.0.0.1:8000/healthz 2>/dev/null && break; sleep 1; done
fi
finish
first=${names%%,*}
[ "$web" = no ] || say "operator's page: https://$first/edge (its authority: http://$first/core-ca.pem); the key to sign in: /var/lib/essaim/core/admin.key"
say "a slot: sudo /opt/essaim/tools/add_slot.sh slot-01 --label 'North gate'"
