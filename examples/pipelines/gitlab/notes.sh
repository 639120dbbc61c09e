# What the scripts for GitLab share; sourced, not run.

# A request to the API: options, then the path. The token is no argument, for those are seen by
# whoever lists processes.
gitlab() {
  curl --silent --show-error --fail \
    --config <(printf 'header = "PRIVATE-TOKEN: %s"\n' "$GITLAB_TOKEN") \
    "${@:1:$#-1}" "$CI_API_V4_URL/${!#}"
}

# Our notes on a merge request: by us, with the marker on the third line, where we put it.
our_notes() { # MERGE_REQUEST
  local me
  me=$(gitlab user | jq -r .username)
  gitlab "projects/$CI_PROJECT_ID/merge_requests/$1/notes?per_page=100" |
    jq --arg me "$me" 'map(select(.author.username == $me)
      | select((.body | gsub("\r"; "") | split("\n") | .[2]) == "<!-- certctl:plan -->"))'
}
