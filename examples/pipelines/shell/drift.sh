#!/usr/bin/env bash
# Keeps an issue open while the accounts are not what is declared, or something expires or is overdue
# (needs `gh` with its GH_TOKEN, and `jq`).
#
#   drift.sh DIRECTORY [certctl options]
set -euo pipefail

out=${1:?usage: drift.sh DIRECTORY [certctl options]}
shift
repository=${GITHUB_REPOSITORY:?}
title='certctl: the accounts are not what is declared'
status=0
"$(dirname "$0")/check.sh" "$out" "$@" || status=$?

issue=$(gh issue list --repo "$repository" --state open --search "in:title \"$title\"" \
  --json number,title --jq ".[] | select(.title == \"$title\") | .number" | head -n 1)
case "$status,$issue" in
  0,) ;;
  0,*) gh issue close "$issue" --repo "$repository" --comment 'They are again.' ;;
  *,) gh issue create --repo "$repository" --title "$title" --body-file "$out/comment.md" ;;
  *) gh issue edit "$issue" --repo "$repository" --body-file "$out/comment.md" ;;
esac
# 2 says that steps are due or that something was found; the issue says it too. Anything else is a failure
# of this run.
[ "$status" = 2 ] || exit "$status"
