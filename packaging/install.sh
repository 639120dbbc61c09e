#!/usr/bin/env bash
# Installs the certctl of the version that this repository has: the released binary, verified; where there is
# none for this machine, or nothing here can verify it, from source.
#
#   install.sh DIRECTORY
#
# DIRECTORY/certctl is what it installs. CERTCTL_REPOSITORY: OWNER/NAME, whose release and whose attestation
# count. CERTCTL_RELEASES: where releases are (default: GitHub's, of that repository). `gh` with a GH_TOKEN
# verifies the attestation.
#
# A binary that fails its verification is an error, and nothing is installed: that is no reason to build.
set -euo pipefail

directory=${1:?usage: install.sh DIRECTORY}
repository=${CERTCTL_REPOSITORY:?}
releases=${CERTCTL_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download}
root=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)

target() {
  case "$(uname -s) $(uname -m)" in
    'Linux x86_64') echo x86_64-unknown-linux-musl ;;
    'Linux aarch64') echo aarch64-unknown-linux-musl ;;
    'Darwin arm64') echo aarch64-apple-darwin ;;
    'Darwin x86_64') echo x86_64-apple-darwin ;;
    MINGW*x86_64 | MSYS*x86_64) echo x86_64-pc-windows-msvc ;;
  esac
}

from_source() { # WHY
  echo "certctl $version is built from source, which takes minutes: $1" >&2
  cargo install --locked --path "$root/crates/certctl" --root "$directory/.build"
  mv "$directory"/.build/bin/certctl* "$directory/"
  rm -rf "$directory/.build"
  exit
}

mkdir -p "$directory"
target=$(target)
[ -n "$target" ] || from_source "there is no release for $(uname -s) on $(uname -m)"
command -v gh >/dev/null || from_source 'gh, which verifies a release, is not installed'
archive=certctl-$version-$target.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$archive" SHA256SUMS; do
  curl --silent --show-error --fail --location --retry 3 --output "$work/$file" "$releases/v$version/$file" ||
    from_source "$releases/v$version/$file cannot be downloaded"
done
(cd "$work" && grep " [ *]\{0,1\}$archive\$" SHA256SUMS | sha256sum --check --status -) || {
  echo "$archive is not what SHA256SUMS says: nothing is installed" >&2
  exit 1
}
gh attestation verify "$work/$archive" --repo "$repository" --source-ref "refs/tags/v$version" \
  --signer-workflow "$repository/.github/workflows/release.yml" || {
  echo "$archive has no attestation of $repository for v$version: nothing is installed" >&2
  exit 1
}
tar -xzf "$work/$archive" -C "$work"
mv "$work/certctl-$version-$target"/certctl* "$directory/"
echo "installed: certctl $version for $target" >&2
