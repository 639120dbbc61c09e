#!/usr/bin/env bash
# Prints the digest that was reviewed on the merge request that COMMIT merged (needs curl, jq and
# GITLAB_TOKEN). Without one it fails, and nothing is applied.
#
#   approved.sh COMMIT
set -euo pipefail

commit=${1:?usage: approved.sh COMMIT}
. "$(dirname "$0")/notes.sh"

request=$(gitlab "projects/$CI_PROJECT_ID/repository/commits/$commit/merge_requests" |
  jq -r '[.[] | select(.state == "merged")][0].iid // empty')
if [ -z "$request" ]; then
  echo "no merge request was merged as $commit: nobody reviewed a plan" >&2
  exit 1
fi
digest=$(our_notes "$request" | jq -r '.[0].body // empty' |
  sed -n 's/^Digest: `\(sha256:[0-9a-f]\{64\}\)`.*/\1/p' | tail -n 1)
if [ -z "$digest" ]; then
  echo "merge request $request has no plan" >&2
  exit 1
fi
echo "$digest"
