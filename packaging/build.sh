#!/usr/bin/env bash
# Builds the archive of a release for one target: the program, its licences, manual pages and completions.
#
#   build.sh TARGET DIRECTORY
#
# The same commit gives the same program: its date is the commit's, and paths of this machine are left out.
set -euo pipefail

target=${1:?usage: build.sh TARGET DIRECTORY}
out=${2:?usage: build.sh TARGET DIRECTORY}
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git show -s --format=%ct HEAD)}
CERTCTL_BUILD_COMMIT=${CERTCTL_BUILD_COMMIT:-$(git rev-parse --short=12 HEAD)}
export SOURCE_DATE_EPOCH CERTCTL_BUILD_COMMIT
export RUSTFLAGS="--remap-path-prefix=$PWD=certctl --remap-path-prefix=${CARGO_HOME:-${HOME:-/root}/.cargo}=cargo ${RUSTFLAGS:-}"

cargo build --locked --profile dist --package certctl --target "$target"
name=certctl-$version-$target
rm -rf "${out:?}/$name"
mkdir -p "$out/$name/man" "$out/$name/completions"
program=target/$target/dist/certctl
[ -e "$program" ] || program+=.exe
cp "$program" LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$out/$name/"
"$program" man --out "$out/$name/man"
for shell in bash zsh fish powershell; do
  "$program" completions "$shell" >"$out/$name/completions/certctl.$shell"
done
tar -C "$out" -czf "$out/$name.tar.gz" "$name"
rm -rf "${out:?}/$name"
