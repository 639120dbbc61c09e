#!/usr/bin/env bash
# Keeps one comment on a pull request up to date (needs `gh`, and its GH_TOKEN).
#
#   comment.sh PULL_REQUEST DIRECTORY
#
# Posts DIRECTORY/comment.md, a plan. Where there is none, the pull request comes from a fork, nobody
# has planned it, and DIRECTORY/validate.txt is shown: as text in a fence, for a stranger may have
# written it, and under a marker of its own, so that it never passes for a plan.
set -euo pipefail

request=${1:?usage: comment.sh PULL_REQUEST DIRECTORY}
from=${2:?usage: comment.sh PULL_REQUEST DIRECTORY}
repository=${GITHUB_REPOSITORY:?}
author=${CERTCTL_COMMENT_AUTHOR:-github-actions[bot]}
. "$(dirname "$0")/library.sh"

if [ "${CERTCTL_FORK:-false}" = true ] || [ ! -f "$from/comment.md" ]; then
  marker='<!-- certctl:validate -->'
  body=$(mktemp)
  validation "$from/validate.txt" "$marker" >"$body"
else
  marker='<!-- certctl:plan -->'
  body=$from/comment.md
fi

id=$(comment_id "$request" "$marker")
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$repository/issues/comments/$id" --field "body=@$body" --silent
else
  gh api --method POST "repos/$repository/issues/$request/comments" --field "body=@$body" --silent
fi
