# What several scripts share; sourced, not run.

# Our comment on a pull request: by us, with the marker where we put it, on the third line. Everybody
# may write the marker somewhere.
ours() { # MARKER
  printf '.[] | select(.user.login == "%s")' "$author"
  printf ' | select((.body | gsub("\\r"; "") | split("\\n") | .[2]) == "%s")' "$1"
}

comment_id() { # PULL_REQUEST MARKER
  gh api --paginate "repos/$repository/issues/$1/comments" --jq "$(ours "$2") | .id" | head -n 1
}

comment_body() { # PULL_REQUEST MARKER
  gh api --paginate "repos/$repository/issues/$1/comments" --jq "$(ours "$2") | .body"
}

# The digest in a comment on stdin. It stands on a line of its own at the end; nothing that comes from
# an API or a file can begin a line with it.
digest_in() {
  sed -n 's/^Digest: `\(sha256:[0-9a-f]\{64\}\)`.*/\1/p' | tail -n 1
}

# The end of a file, as a fence in which nothing is Markdown.
fenced() { # FILE
  local text fence='```'
  text=$(tail -c 20000 "$1" 2>/dev/null | tr -d '\000-\010\013-\037' || true)
  while [[ $text == *"$fence"* ]]; do fence+='`'; done
  printf '%stext\n%s\n%s\n' "$fence" "${text:-it said nothing}" "$fence"
}

# What `certctl validate` said, as a comment.
validation() { # FILE MARKER
  printf '## What `certctl validate` says\n\n%s\n\n' "$2"
  printf 'This comes from a fork, so nothing was planned: a plan needs a secret. '
  printf 'Somebody who may write to this repository plans it from a branch of its own.\n\n'
  fenced "$1"
}
