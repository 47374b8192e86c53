#!/bin/sh
# image.sh: a small image of this Debian's own Python, numpy and scipy, made of the files of their packages. Writes a root file system as tar to stdout.
set -eu
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
packages="python3-minimal python3.11-minimal libpython3.11-minimal libpython3.11-stdlib python3-numpy python3-scipy python3-pkg-resources coreutils dash
 libc6 libc-bin zlib1g libexpat1 libssl3 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 libuuid1 libncursesw6 libtinfo6 libreadline8 libdb5.3 libnsl2 libtirpc3
 libcrypt1 liblbfgsb0 libgcc-s1 libstdc++6 libblas3 liblapack3 libgfortran5 libquadmath0 libselinux1 libpcre2-8-0 libacl1 libattr1 libgmp10"
mkdir -p "$root/etc" "$root/tmp" "$root/proc" "$root/dev" "$root/sys" "$root/out" "$root/in" "$root/task" "$root/run" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib"
chmod 0755 "$root"; chmod 1777 "$root/tmp"
for name in bin sbin lib lib64; do [ -e "/usr/$name" ] && ln -s "usr/$name" "$root/$name"; done
# Packages say /lib where the file now lies in /usr/lib.
for package in $packages; do dpkg -L "$package" 2>/dev/null || true; done | sed 's#^/\(bin\|sbin\|lib\|lib64\)/#/usr/\1/#' | sort -u >"$root.list"
ls -d /etc/alternatives/libblas.so.3-* /etc/alternatives/liblapack.so.3-* /usr/lib/*/libblas.so.3 /usr/lib/*/liblapack.so.3 /etc/ld.so.conf /etc/ld.so.conf.d /etc/ld.so.cache >>"$root.list"
grep -e '^/usr/.*/' -e '^/etc/ld' -e '^/etc/alternatives/' "$root.list" | grep -v -e /share/doc/ -e /share/man/ -e /tests/ | sed 's#^/##' | sort -u >"$root.files"
tar -cf "$root.tar" -C "$root" .
tar -rf "$root.tar" -C / --no-recursion --ignore-failed-read -T "$root.files" 2>/dev/null
cat "$root.tar"
rm -f "$root.list" "$root.files" "$root.tar"
