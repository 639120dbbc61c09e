#!/usr/bin/env bash
# Applies what has one of the digests in DIRECTORY/approved.txt, on any platform.
#
#   carry-out.sh DIRECTORY [certctl options]
#
# DIRECTORY/apply.txt   what certctl said
# DIRECTORY/result.md   the same as a comment, with a verdict and the way forward
#
# `certctl apply --expect-digest` plans afresh. It does what has an approved digest, account by account, and
# refuses what moved since. Exits as `certctl apply` does: 3 says that Cloudflare is still deploying.
set -euo pipefail

out=${1:?usage: carry-out.sh DIRECTORY [certctl options]}
shift
. "$(dirname "$0")/library.sh"

digests=()
while read -r digest; do
  digests+=(--expect-digest "$digest")
done <"$out/approved.txt"
[ ${#digests[@]} -gt 0 ] || {
  echo "$out/approved.txt has no digest: nothing is applied" >&2
  exit 1
}
status=0
# The daily rotation run may be at it.
certctl apply --color never --lock-timeout 10m "${digests[@]}" "$@" 2>&1 | tee "$out/apply.txt" ||
  status=${PIPESTATUS[0]}
{
  case $status in
    0) printf '**Applied.**\n\n<!-- certctl:applied -->\n\n' ;;
    3)
      printf '**Applied; Cloudflare is still deploying.**\n\n<!-- certctl:applied -->\n\n'
      printf 'The next rotation run looks again. To look now, run this job again.\n\n'
      ;;
    *)
      printf '**Not applied, or not all of it.**\n\n<!-- certctl:applied -->\n\n'
      way_forward "$out/apply.txt"
      echo
      ;;
  esac
  fenced "$out/apply.txt"
} >"$out/result.md"
exit "$status"
