# shellcheck shell=bash
# What the scripts for GitLab share; sourced, not run.

# A request to the API: options, then the path. The token is no argument, for those are seen by
# whoever lists processes.
gitlab() {
  curl --silent --show-error --fail --retry 3 \
    --config <(printf 'header = "PRIVATE-TOKEN: %s"\n' "$GITLAB_TOKEN") \
    "${@:1:$#-1}" "$CI_API_V4_URL/${!#}"
}

# Our notes on a merge request, the oldest first: by us, with the marker on the third line, where we put
# it. A page holds 100; the last one holds fewer.
our_notes() { # MERGE_REQUEST MARKER
  local me page=1 notes
  me=$(gitlab user | jq -r .username)
  while :; do
    notes=$(gitlab "projects/$CI_PROJECT_ID/merge_requests/$1/notes?sort=asc&order_by=created_at&per_page=100&page=$page")
    jq -c --arg me "$me" --arg marker "$2" '.[] | select(.author.username == $me)
      | select((.body | gsub("\r"; "") | split("\n") | .[2]) == $marker)' <<<"$notes"
    [ "$(jq length <<<"$notes")" = 100 ] || break
    page=$((page + 1))
  done
}

# Writes a note, or writes it anew.
keep_note() { # MERGE_REQUEST MARKER FILE
  local notes id
  notes=projects/$CI_PROJECT_ID/merge_requests/$1/notes
  id=$(our_notes "$1" "$2" | jq -rs '.[0].id // empty')
  if [ -n "$id" ]; then
    gitlab --request PUT --data-urlencode "body@$3" "$notes/$id" >/dev/null
  else
    gitlab --request POST --data-urlencode "body@$3" "$notes" >/dev/null
  fi
}
