#!/usr/bin/env bash
# The daily run that nobody watches: renewals, and the later steps of what an approved run began.
# What was merged and not applied, and what somebody changed by hand, is reported and waits.
#
#   rotation.sh DIRECTORY [certctl options]
#
# DIRECTORY/rotation.txt  what certctl said
#
# Exits as `certctl apply` does, but for 3: Cloudflare is still deploying, and the next run looks again.
# That is shown, and is no failure.
set -euo pipefail

out=${1:?usage: rotation.sh DIRECTORY [certctl options]}
shift
mkdir -p "$out"
. "$(dirname "$0")/library.sh"

status=0
certctl apply --only rotation --auto-approve --lock-timeout 10m --color never "$@" 2>&1 |
  tee "$out/rotation.txt" || status=${PIPESTATUS[0]}
case $status in
  0) verdict='The rotation run did what was due.' ;;
  3) verdict='Cloudflare is still deploying; the next rotation run looks again.' ;;
  *) verdict='The rotation run did not do all that was due.' ;;
esac
echo "$verdict"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || {
  printf '**%s**\n\n' "$verdict"
  fenced "$out/rotation.txt"
} >>"$GITHUB_STEP_SUMMARY"
[ "$status" = 3 ] || exit "$status"
