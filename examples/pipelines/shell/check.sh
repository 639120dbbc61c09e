#!/usr/bin/env bash
# Looks whether the accounts are still what is declared, and whether something expires or is overdue.
#
#   check.sh DIRECTORY [certctl options]
#
# DIRECTORY/comment.md  the plan, and what `certctl status --check` found below it
#
# CERTCTL_WITHIN: how soon an expiry is a finding (default 30d). Exits with 0 if there is nothing to say,
# with 2 for steps that are due and other findings, with 1 for errors.
set -euo pipefail

out=${1:?usage: check.sh DIRECTORY [certctl options]}
shift
. "$(dirname "$0")/library.sh"

planned=0
plan_into "$out" --detailed-exitcode "$@" || planned=$?
mapfile -t reading < <(reading_options "$@")
checked=0
certctl status --check --within "${CERTCTL_WITHIN:-30d}" --color never "${reading[@]}" \
  >"$out/status.txt" 2>&1 || checked=$?
cat "$out/status.txt"
if [ "$checked" != 0 ]; then
  {
    printf '\n## `certctl status --check` has findings\n\n'
    fenced "$out/status.txt"
  } >>"$out/comment.md"
fi
[ "$planned" != 1 ] && [ "$checked" != 1 ] || exit 1
[ "$planned" = 0 ] && [ "$checked" = 0 ] || exit 2
