#!/usr/bin/env bash
# Applies what was approved on a pull request, and nothing else (needs `gh`, and its GH_TOKEN).
#
#   apply.sh COMMIT [certctl options]
#
# Finds the pull request that COMMIT merged and the digest in the comment that was reviewed there.
# `certctl apply --expect-digest` plans afresh and does only what has that digest; if the spec or the
# account moved since, nothing is done, and the pull request is told.
set -euo pipefail

commit=${1:?usage: apply.sh COMMIT [certctl options]}
shift
repository=${GITHUB_REPOSITORY:?}
author=${CERTCTL_COMMENT_AUTHOR:-github-actions[bot]}
. "$(dirname "$0")/library.sh"

request=$(gh api "repos/$repository/commits/$commit/pulls" --jq '.[0].number // empty')
if [ -z "$request" ]; then
  echo "no pull request was merged as $commit: nobody reviewed a plan, so nothing is applied" >&2
  exit 1
fi
digest=$(comment_body "$request" '<!-- certctl:plan -->' | digest_in)
if [ -z "$digest" ]; then
  echo "pull request $request has no plan: nothing is applied" >&2
  exit 1
fi

status=0
log=$(mktemp)
# The daily rotation run may be at it.
certctl apply --color never --lock-timeout 10m --expect-digest "$digest" "$@" 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
case $status in
  0) verdict='Applied.' ;;
  3) verdict='Applied; Cloudflare is still deploying, and the next run looks again.' ;;
  *) verdict='Not applied, or not all of it. Plan again, and have that reviewed.' ;;
esac
body=$(mktemp)
{
  printf '**%s**\n\n' "$verdict"
  fenced "$log"
} >"$body"
gh api --method POST "repos/$repository/issues/$request/comments" --field "body=@$body" --silent
[ "$status" = 3 ] || exit "$status"
