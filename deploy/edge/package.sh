#!/usr/bin/env bash
# Makes one file with the program and these scripts, for machines without an SDK: ./package.sh [--out FILE]. The same file serves arm64 and x64.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
out="" folder=no
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a file}; shift 2 ;;
    --folder) folder=yes; shift ;;   # Only builds, and prints where.
    -h|--help) sed -n '2s/^# //p' "$0"; echo "Needs the .NET 10 SDK. Without --out the file is essaim-edge-VERSION.tar.gz in the current folder."; exit 0 ;;
    *) echo "package.sh: '$1' is no option; see --help" >&2; exit 2 ;;
  esac
done
command -v dotnet >/dev/null || { echo "package.sh: the .NET 10 SDK is missing here; build the package on another machine" >&2; exit 1; }
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
stage="$root/apps/Essaim.Cli/obj/package/essaim-edge-$version"
rm -rf "$stage"
mkdir -p "$stage"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# One package for every processor, run by 'dotnet': the starter, which is for this one, stays out. (Not made at all it would vanish from the build, too.)
dotnet publish "$root/apps/Essaim.Cli/Essaim.Cli.csproj" -c Release -o "$stage/app" --self-contained false \
  -v quiet -nologo >"$log" 2>&1 || { cat "$log" >&2; echo "package.sh: the build did not work (above)" >&2; exit 1; }
rm -f "$stage/app/Essaim.Cli" "$stage"/app/*.xml "$stage"/app/*.pdb
find "$stage/app/runtimes" -mindepth 1 -maxdepth 1 ! -name 'linux-arm64' ! -name 'linux-arm' ! -name 'linux-x64' -exec rm -rf {} +
if [ "$folder" = yes ]; then echo "$stage/app"; exit 0; fi
cp -r "$here" "$stage/deploy"
out=${out:-essaim-edge-$version.tar.gz}
tar -czf "$out" -C "$(dirname "$stage")" --owner=0 --group=0 "essaim-edge-$version"
echo "$out: $(du -h "$out" | cut -f1). On the machine: tar -xzf $(basename "$out") && cd essaim-edge-$version/deploy && sudo ./deploy_core.sh"
