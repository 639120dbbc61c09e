#!/usr/bin/env bash
# Applies what was approved on a pull request that is not merged yet (needs `gh` with its GH_TOKEN, `git` and
# `jq`): the way forward after a refusal, or for whoever wants to see it done before the merge.
#
#   apply-branch.sh PULL_REQUEST [certctl options]
#
# The working directory holds the head of the pull request. Nothing is applied unless it comes from this
# repository, has all that its base has, and somebody approved that very commit. Merge it afterwards: then
# nothing is left to do.
set -euo pipefail

request=${1:?usage: apply-branch.sh PULL_REQUEST [certctl options]}
shift
repository=${GITHUB_REPOSITORY:?}
author=${CERTCTL_COMMENT_AUTHOR:-github-actions[bot]}
. "$(dirname "$0")/library.sh"

refuse() { # WHY
  echo "pull request $request $1: nothing is applied" >&2
  exit 1
}

read -r state head from base < <(gh api "repos/$repository/pulls/$request" \
  --jq '[.state, .head.sha, (.head.repo.full_name // "-"), .base.ref] | join(" ")')
[ "$state" = open ] || refuse "is $state"
[ "$from" = "$repository" ] || refuse "comes from a fork"
[ "$head" = "$(git rev-parse HEAD)" ] || refuse "is not what is checked out here"
behind=$(gh api "repos/$repository/compare/$base...$head" --jq .behind_by)
[ "$behind" = 0 ] || refuse "lacks what was merged to $base since"

# The last word of each reviewer counts; an approval only of this commit.
gh api --paginate "repos/$repository/pulls/$request/reviews" \
  --jq '.[] | select(.state | IN("APPROVED", "CHANGES_REQUESTED", "DISMISSED")) | [.user.login, .state, .commit_id] | join(" ")' |
  awk -v head="$head" '{ word[$1] = $2; of[$1] = $3 }
    END { for (who in word) { if (word[who] == "APPROVED" && of[who] == head) yes = 1
                              if (word[who] == "CHANGES_REQUESTED") no = 1 }
          exit !(yes && !no) }' || refuse "is not approved as it is now"

out=$(mktemp -d)
comment_body "$request" '<!-- certctl:plan -->' | digests_in >"$out/approved.txt"
[ -s "$out/approved.txt" ] || refuse "has no plan"
status=0
"$(dirname "$0")/carry-out.sh" "$out" "$@" || status=$?
gh api --method POST "repos/$repository/issues/$request/comments" --field "body=@$out/result.md" --silent
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/result.md" >>"$GITHUB_STEP_SUMMARY"
[ "$status" = 3 ] || exit "$status"
