#!/usr/bin/env bash
# Plans, and leaves what a reviewer needs in a directory (needs `jq`).
#
#   plan.sh DIRECTORY [certctl options]
#
# DIRECTORY/comment.md  the plan for people, with its digests and the command that applies it
# DIRECTORY/plan.json   the same for programs, and for `certctl apply plan.json`
# DIRECTORY/plan.txt    what certctl said
#
# CERTCTL_FORECAST, options such as `--until 2y`: what daily runs will do goes below the plan. The digest
# does not cover it.
#
# Exits with 0 if the plan can be applied, and with 1 if something is blocked or wrong. An error that blocks
# nothing, such as a certificate that is about to expire, is in the comment and does not stop the merge that
# may repair it. The comment is there either way.
set -euo pipefail

out=${1:?usage: plan.sh DIRECTORY [certctl options]}
shift
. "$(dirname "$0")/library.sh"

status=0
plan_into "$out" "$@" || status=$?
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
if [ "$status" = 1 ] && applyable "$out/plan.json"; then
  echo 'The errors above block nothing: this plan can be applied.' >&2
  status=0
fi
exit "$status"
