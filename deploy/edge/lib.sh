# What deploy_core.sh, deploy_slot.sh, backup.sh and restore.sh share; sourced, never run.
# shellcheck shell=bash
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd -P)
me=$(basename "${BASH_SOURCE[1]}")
dry_run=no
changed=""

say() { echo "$me: $*"; }
fail() { echo "$me: $*" >&2; exit 1; }
# Does it, or says what it would do.
run() { if [ "$dry_run" = yes ]; then echo "  would run: $*"; else "$@"; fi; }
need_root() { [ "$dry_run" = yes ] || [ "$(id -u)" = 0 ] || fail "it installs programs and services: run it as root (sudo ./$me), or with --dry-run to see what it would do"; }
has_systemd() { [ -d /run/systemd/system ]; }

# FILE: NAME=VALUE lines, as systemd and essaim read them; what the environment holds already wins.
read_settings() {
  [ -r "$1" ] || fail "the settings file '$1' cannot be read; copy the template beside this script and fill it in"
  local line name number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in ''|'#'*) continue ;; esac
    name=${line%%=*}
    case $name in *[!A-Z0-9_]*|''|"$line") fail "$1:$number: '$line' is not NAME=VALUE" ;; esac
    [ -n "${!name+set}" ] || declare -gx "$name=${line#*=}"
  done <"$1"
}

# SOURCE TARGET MODE OWNER: a file as it should be; says whether anything changed.
put() {
  if [ -f "$2" ] && cmp -s "$1" "$2" && [ "$(stat -c '%a %U:%G' "$2")" = "${3#0} $4" ]; then return; fi
  say "writes $2"
  [ "$dry_run" = yes ] || install -D -m "$3" -o "${4%:*}" -g "${4#*:}" "$1" "$2"
  changed="$changed $2"
}
# TARGET MODE OWNER, content from stdin; never behind a pipe, where nobody would hear that it changed.
put_text() {
  local new
  new=$(mktemp)
  cat >"$new"
  put "$new" "$1" "$2" "$3"
  rm -f "$new"
}
folder() {
  if [ -d "$1" ] && [ "$(stat -c '%a %U:%G' "$1")" = "${2#0} $3" ]; then return; fi
  run install -d -m "$2" -o "${3%:*}" -g "${3#*:}" "$1"
}
did_change() { case $changed in *" $1"*) return 0 ;; *) return 1 ;; esac; }

packages() {
  local package missing=""
  for package in "$@"; do dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"; done
  [ -n "$missing" ] || return 0
  say "installs$missing"
  run apt-get update -qq
  # shellcheck disable=SC2086
  run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null || fail "could not install$missing; is the machine on line, and are its package sources right?"
}

# GROUP…: of these, the ones this machine has.
make_user() {
  id essaim >/dev/null 2>&1 || run useradd --system --home-dir /var/lib/essaim --no-create-home --shell /usr/sbin/nologin essaim
  local group
  for group in "$@"; do
    if getent group "$group" >/dev/null && ! id -nG essaim 2>/dev/null | grep -qw "$group"; then run usermod -a -G "$group" essaim; fi
  done
}

# .NET 10 with ASP.NET Core: what is there, a file somebody brought, or Microsoft's own script.
dotnet_folder=/opt/dotnet
find_dotnet() {
  local program
  for program in "$dotnet_folder/dotnet" "$(command -v dotnet || true)"; do
    if [ -x "$program" ] && "$program" --list-runtimes 2>/dev/null | grep -q '^Microsoft.AspNetCore.App 10\.'; then readlink -f "$program"; return; fi
  done
  return 1
}
install_dotnet() {
  find_dotnet >/dev/null && return
  if [ -n "${1:-}" ]; then
    say "unpacks .NET from $1"
    run mkdir -p "$dotnet_folder"
    run tar -xzf "$1" -C "$dotnet_folder"
  else
    say "installs .NET 10 into $dotnet_folder (by https://dot.net/v1/dotnet-install.sh)"
    packages ca-certificates curl
    local script
    script=$(mktemp)
    run curl -fsSL https://dot.net/v1/dotnet-install.sh -o "$script" || fail "could not fetch .NET. Without the internet: bring aspnetcore-runtime-10.0.*-linux-$(dpkg --print-architecture | sed s/amd64/x64/).tar.gz and give it with --dotnet FILE"
    run bash "$script" --channel 10.0 --runtime aspnetcore --install-dir "$dotnet_folder" >/dev/null || fail ".NET could not be installed (above)"
    rm -f "$script"
  fi
  [ "$dry_run" = yes ] || find_dotnet >/dev/null || fail "what lies in $dotnet_folder is not .NET 10 with ASP.NET Core for this machine"
}

# The program: beside these scripts in a package; built where they lie in a checkout.
find_app() {
  if [ -f "$here/../app/Essaim.Cli.dll" ]; then (cd "$here/../app" && pwd -P); return; fi
  [ -f "$here/../../apps/Essaim.Cli/Essaim.Cli.csproj" ] || fail "there is no program beside it: run it from an unpacked package (package.sh makes one), or from a checkout"
  "$here/package.sh" --folder
}
install_app() {
  local app release
  if [ "$dry_run" = yes ] && [ ! -d "$here/../app" ]; then
    say "would build the program, and install it into /opt/essaim"
    return
  fi
  app=$(find_app)
  release=$(cd "$app" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
  if [ "$(readlink /opt/essaim/current 2>/dev/null)" != "$release" ]; then
    say "installs release $release"
    run mkdir -p /opt/essaim
    if [ ! -d "/opt/essaim/$release" ]; then
      run rm -rf /opt/essaim/new
      run cp -r "$app" /opt/essaim/new
      run chmod -R u=rwX,go=rX /opt/essaim/new
      run mv /opt/essaim/new "/opt/essaim/$release"
    fi
    # The one before stays, to go back to: ln -sfn RELEASE /opt/essaim/current
    local old stale
    old=$(readlink /opt/essaim/current 2>/dev/null || true)
    run ln -sfn "$release" /opt/essaim/current
    for stale in /opt/essaim/????????????/; do
      case $stale in */"$release"/|*/"$old"/|*'?'*) ;; *) run rm -rf "$stale" ;; esac
    done
    changed="$changed /opt/essaim/current"
  fi
  put_text /usr/local/bin/essaim 0755 root:root <<EOF
#!/bin/sh
export DOTNET_ROOT=$(dirname "$(find_dotnet || echo $dotnet_folder/dotnet)") DOTNET_EnableDiagnostics=0 ESSAIM_PROGRAM=essaim
exec "\$DOTNET_ROOT/dotnet" /opt/essaim/current/Essaim.Cli.dll "\$@"
EOF
}

# UNIT…: enabled; started, or started anew where something of them changed.
services() {
  local unit
  run systemctl enable -q "$@"
  if ! has_systemd; then say "systemd does not run here: $* start with the machine"; return; fi
  [ -z "$changed" ] || run systemctl daemon-reload
  for unit in "$@"; do
    if [ -n "$changed" ]; then run systemctl restart "$unit"; else run systemctl start "$unit"; fi
  done
}

# Docker's compose is a plugin, or in Debian 12 a program of its own.
need_docker() {
  compose="docker compose"
  command -v docker >/dev/null || fail "docker is missing; install it, or leave --docker out. On Debian: apt-get install docker.io docker-compose"
  docker compose version >/dev/null 2>&1 || { compose=docker-compose; command -v docker-compose >/dev/null; } || fail "docker's compose plugin is missing; install it, or leave --docker out. On Debian: apt-get install docker-compose"
}
# PROJECT FILE: builds the image and has its containers run, with the files as they are now.
with_compose() {
  local project=$1 file="$here/compose/$2" app before
  if [ "$dry_run" = yes ] && [ ! -d "$here/../app" ]; then app="(the program, built)"; else app=$(find_app); fi
  compose="$compose -p $project -f $file"
  containers() { docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" | sort; }
  before=$(containers)
  # The program is the context: builders before BuildKit know no other.
  run docker build -q -t essaim:edge -f "$here/compose/Dockerfile" "$app" | sed '/^sha256:/d'
  # shellcheck disable=SC2046,SC2086
  run $compose up -d --remove-orphans $([ -z "$changed" ] || echo --force-recreate)
  [ "$before" = "$(containers)" ] || changed="$changed $project"
}

finish() {
  if [ "$dry_run" = yes ]; then say "nothing was done: --dry-run"; else say "done; $([ -n "$changed" ] && echo "changed:$changed" || echo "nothing had to be changed")"; fi
}
