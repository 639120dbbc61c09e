#!/usr/bin/env bash
# Keeps one note with the plan on a merge request up to date (needs curl, jq and GITLAB_TOKEN).
#
#   note.sh MERGE_REQUEST DIRECTORY
set -euo pipefail

request=${1:?usage: note.sh MERGE_REQUEST DIRECTORY}
from=${2:?usage: note.sh MERGE_REQUEST DIRECTORY}
. "$(dirname "$0")/notes.sh"
keep_note "$request" '<!-- certctl:plan -->' "$from/comment.md"
