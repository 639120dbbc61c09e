#!/usr/bin/env bash
# Plans, and leaves what a reviewer needs in a directory.
#
#   plan.sh DIRECTORY [certctl options]
#
# DIRECTORY/comment.md  the plan for people, with its digest and the command that applies it
# DIRECTORY/plan.json   the same for programs, and for `certctl apply plan.json`
#
# CERTCTL_FORECAST, options such as `--until 2y`: what daily runs will do goes below the plan. The digest
# does not cover it.
#
# Exits as `certctl plan` does: 0 fine, 1 something is blocked or wrong. The comment is there either way.
set -euo pipefail

out=${1:?usage: plan.sh DIRECTORY [certctl options]}
shift
mkdir -p "$out"
rm -f "$out/plan.json"
status=0
certctl plan --format markdown --out "$out/plan.json" "$@" >"$out/comment.md" || status=$?
if [ ! -s "$out/comment.md" ]; then
  # Without a plan there is nothing to approve, and no older comment may stand as if there were.
  printf '## There is no plan.\n\n<!-- certctl:plan -->\n\n%s\n' \
    '`certctl plan` ended before it had one; the log of this run says why.' >"$out/comment.md"
fi
if [ -n "${CERTCTL_FORECAST:-}" ]; then
  read -r -a forecast <<<"$CERTCTL_FORECAST"
  found=0
  certctl forecast --format markdown "${forecast[@]}" >"$out/forecast.md" || found=$?
  # 2 says that something will go wrong, which is for people to judge. What a comment cannot hold stays in
  # the directory.
  if [[ $found = [02] ]] && (($(cat "$out/comment.md" "$out/forecast.md" | wc -m) < 65000)); then
    { echo && cat "$out/forecast.md"; } >>"$out/comment.md"
  fi
fi
exit "$status"
