#!/usr/bin/env bash
# Applies what was approved on a merge request that is not merged yet: the way forward after a refusal, or for
# whoever wants to see it done before the merge (needs curl, jq and GITLAB_TOKEN).
#
#   branch.sh MERGE_REQUEST DIRECTORY [certctl options]
#
# Runs in a pipeline of the default branch, so that nothing of the merge request but its spec is used. Nothing is
# applied unless it has all that its target has, and somebody approved it; let the project remove approvals when
# commits are added. Merge it afterwards: then nothing is left to do.
set -euo pipefail

request=${1:?usage: branch.sh MERGE_REQUEST DIRECTORY [certctl options]}
out=${2:?usage: branch.sh MERGE_REQUEST DIRECTORY [certctl options]}
shift 2
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/notes.sh"
. "$scripts/library.sh"

refuse() { # WHY
  echo "merge request $request $1: nothing is applied" >&2
  exit 1
}

of=projects/$CI_PROJECT_ID/merge_requests/$request
read -r state head behind < <(gitlab "$of?include_diverged_commits_count=true" |
  jq -r '[.state, .sha, (.diverged_commits_count | tostring)] | join(" ")')
[ "$state" = opened ] || refuse "is $state"
[ "$behind" = 0 ] || refuse "lacks what was merged to its target since"
[ "$(gitlab "$of/approvals" | jq '(.approved != false) and (.approved_by | length) > 0')" = true ] ||
  refuse "is not approved"

mkdir -p "$out"
out=$(cd "$out" && pwd)
our_notes "$request" '<!-- certctl:plan -->' | jq -rs '.[0].body // empty' | digests_in >"$out/approved.txt"
[ -s "$out/approved.txt" ] || refuse "has no plan"

git fetch --quiet origin "refs/merge-requests/$request/head"
[ "$head" = "$(git rev-parse FETCH_HEAD)" ] || refuse "was pushed to meanwhile"
branch=$(mktemp -d)
git worktree add --quiet --detach "$branch" "$head"
status=0
(cd "$branch" && "$scripts/carry-out.sh" "$out" "$@") || status=$?
git worktree remove --force "$branch"
keep_note "$request" '<!-- certctl:applied -->' "$out/result.md"
[ "$status" = 3 ] || exit "$status"
