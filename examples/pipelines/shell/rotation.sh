#!/usr/bin/env bash
# The daily run that nobody watches: renewals, and the later steps of what an approved run began.
# What was merged and not applied, and what somebody changed by hand, is reported and waits.
#
#   rotation.sh DIRECTORY [certctl options]
#
# DIRECTORY/rotation.txt  what certctl said
# DIRECTORY/status.txt    what expires within CERTCTL_WITHIN (default 30d), and what is overdue
#
# Exits as `certctl apply` does, but for 3: Cloudflare is still deploying, and the next run looks again.
# That is shown, and is no failure. An error that `certctl status --check` finds is a failure.
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
mapfile -t reading < <(reading_options "$@")
checked=0
certctl status --check --within "${CERTCTL_WITHIN:-30d}" --color never "${reading[@]}" \
  >"$out/status.txt" 2>&1 || checked=$?
cat "$out/status.txt"
echo "$verdict"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || {
  printf '**%s**\n\n' "$verdict"
  [[ $status = [03] ]] || way_forward "$out/rotation.txt"
  fenced "$out/rotation.txt"
  if [ "$checked" != 0 ]; then
    printf '\n**`certctl status --check` has findings.**\n\n'
    fenced "$out/status.txt"
  fi
} >>"$GITHUB_STEP_SUMMARY"
[[ $status = [03] ]] || exit "$status"
[ "$checked" != 1 ] || exit 1
