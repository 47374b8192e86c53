#!/usr/bin/env bash
# Builds essaim-shim for the machines .NET runs on, statically, with Debian's compilers and musl: the same sources give the same bytes.
# Needs: apt-get install gcc musl-tools gcc-aarch64-linux-gnu. musl for arm64 is taken from Debian's archive, unpacked beside the build.
# `build.sh FOLDER` builds for this machine only, into FOLDER (the test that compares uses it).
set -eu
cd "$(dirname "$0")/source"
hash=$(cat main.c run.c warm.c spec.c log.c processes.c tree.c shim.h child.h | sha256sum | cut -d' ' -f1)
flags=(-std=gnu11 -Os -static -s -Wall -Wextra -Werror -fno-ident -ffile-prefix-map="$PWD=." -Wl,--build-id=none -DSOURCE_HASH="\"$hash\"")
sources=(main.c run.c warm.c spec.c log.c processes.c tree.c)

if [ $# = 1 ]; then
  mkdir -p "$1"
  if command -v musl-gcc >/dev/null; then musl-gcc "${flags[@]}" -o "$1/essaim-shim" "${sources[@]}"
  else "${CC:-cc}" "${flags[@]}" -o "$1/essaim-shim" "${sources[@]}"; fi
  exit
fi

mkdir -p ../linux-x64 ../linux-arm64
[ "$(uname -m)" = x86_64 ] || { echo "build.sh: builds on x86-64; give a folder to build for this machine only" >&2; exit 1; }
musl-gcc "${flags[@]}" -o ../linux-x64/essaim-shim "${sources[@]}"

work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
printf '%s\n' 'APT::Architecture "arm64";' 'APT::Architectures { "arm64"; };' "Dir::State \"$work/state\";" "Dir::Cache \"$work/cache\";" \
  'Dir::State::status "/dev/null";' 'APT::Sandbox::User "root";' >"$work/apt.conf"
(cd "$work" && APT_CONFIG=$work/apt.conf apt-get update -qq && APT_CONFIG=$work/apt.conf apt-get download -qq musl-dev:arm64 && dpkg -x musl-dev_*.deb musl)
musl=$work/musl/usr
lib=$musl/lib/aarch64-linux-musl
aarch64-linux-gnu-gcc "${flags[@]}" -nostdinc -isystem "$musl/include/aarch64-linux-musl" -isystem "$(aarch64-linux-gnu-gcc -print-file-name=include)" \
  -nostdlib -mno-outline-atomics -o ../linux-arm64/essaim-shim "$lib/crt1.o" "$lib/crti.o" "${sources[@]}" "$lib/libc.a" "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)" "$lib/libc.a" "$lib/crtn.o"
ls -l ../linux-*/essaim-shim
