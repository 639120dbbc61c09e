#!/usr/bin/env bash
# Applies what was reviewed on the merge request that COMMIT merged, and nothing else; a note says what came
# of it (needs curl, jq and GITLAB_TOKEN). Without a reviewed plan it fails, and nothing is applied.
#
#   merged.sh COMMIT DIRECTORY [certctl options]
#
# Exits with 0 also while Cloudflare is still deploying: that is shown, and is no failure.
set -euo pipefail

commit=${1:?usage: merged.sh COMMIT DIRECTORY [certctl options]}
out=${2:?usage: merged.sh COMMIT DIRECTORY [certctl options]}
shift 2
. "$(dirname "$0")/notes.sh"
. "$(dirname "$0")/library.sh"

request=$(gitlab "projects/$CI_PROJECT_ID/repository/commits/$commit/merge_requests" |
  jq -r '[.[] | select(.state == "merged")][0].iid // empty')
if [ -z "$request" ]; then
  echo "no merge request was merged as $commit: nobody reviewed a plan" >&2
  exit 1
fi
mkdir -p "$out"
our_notes "$request" '<!-- certctl:plan -->' | jq -rs '.[0].body // empty' | digests_in >"$out/approved.txt"
if [ ! -s "$out/approved.txt" ]; then
  echo "merge request $request has no plan" >&2
  exit 1
fi
status=0
"$(dirname "$0")/carry-out.sh" "$out" "$@" || status=$?
keep_note "$request" '<!-- certctl:applied -->' "$out/result.md"
[ "$status" = 3 ] || exit "$status"
