#!/usr/bin/env bash
# Applies what was approved on pull requests, and nothing else (needs `gh` with its GH_TOKEN, and `jq`).
#
#   apply.sh COMMIT [certctl options]
#
# Finds the pull request that COMMIT merged, and the digests in the comment that was reviewed there. A
# pull request that was merged before, and whose own run never came, is taken up too: GitHub keeps one run
# waiting, and drops the one that waited before. What became of it is written on each of them.
#
# Exits with 0 also while Cloudflare is still deploying: that is shown, and is no failure.
set -euo pipefail

commit=${1:?usage: apply.sh COMMIT [certctl options]}
shift
repository=${GITHUB_REPOSITORY:?}
author=${CERTCTL_COMMENT_AUTHOR:-github-actions[bot]}
# How many commits are looked at for pull requests that no run took up.
reach=${CERTCTL_REACH:-30}
. "$(dirname "$0")/library.sh"

out=$(mktemp -d)
: >"$out/approved.txt"
requests=()

merged_as() { # COMMIT
  gh api "repos/$repository/commits/$1/pulls" --jq '[.[] | select(.merged_at != null)][0].number // empty'
}

approve() { # PULL_REQUEST
  requests+=("$1")
  comment_body "$1" '<!-- certctl:plan -->' | digests_in >>"$out/approved.txt"
}

request=$(merged_as "$commit")
if [ -z "$request" ]; then
  echo "no pull request was merged as $commit: nobody reviewed a plan, so nothing is applied" >&2
  exit 1
fi
approve "$request"
if [ ! -s "$out/approved.txt" ]; then
  echo "pull request $request has no plan: nothing is applied" >&2
  exit 1
fi
for earlier in $(gh api "repos/$repository/commits?sha=$commit&per_page=$reach" --jq '.[].sha'); do
  missed=$(merged_as "$earlier")
  [[ -n $missed && " ${requests[*]} " != *" $missed "* ]] || continue
  # Its run, or a later one, told what became of it; what came before was taken up then.
  [ -z "$(comment_id "$missed" '<!-- certctl:applied -->')" ] || break
  echo "pull request $missed was merged before, and no run took it up: this one does" >&2
  approve "$missed"
done

status=0
"$(dirname "$0")/carry-out.sh" "$out" "$@" || status=$?
for request in "${requests[@]}"; do
  gh api --method POST "repos/$repository/issues/$request/comments" --field "body=@$out/result.md" --silent
done
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/result.md" >>"$GITHUB_STEP_SUMMARY"
[ "$status" = 3 ] || exit "$status"
