#!/usr/bin/env bash
# Keeps one note on a merge request up to date (needs curl, jq and GITLAB_TOKEN).
#
#   note.sh MERGE_REQUEST DIRECTORY
set -euo pipefail

request=${1:?usage: note.sh MERGE_REQUEST DIRECTORY}
from=${2:?usage: note.sh MERGE_REQUEST DIRECTORY}
. "$(dirname "$0")/notes.sh"

notes=projects/$CI_PROJECT_ID/merge_requests/$request/notes
id=$(our_notes "$request" | jq -r '.[0].id // empty')
if [ -n "$id" ]; then
  gitlab --request PUT --data-urlencode "body@$from/comment.md" "$notes/$id" >/dev/null
else
  gitlab --request POST --data-urlencode "body@$from/comment.md" "$notes" >/dev/null
fi
