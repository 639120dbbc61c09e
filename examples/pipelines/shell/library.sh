# shellcheck shell=bash
# What several scripts share; sourced, not run. What speaks with GitHub needs `repository` (OWNER/NAME) and
# `author` (who writes our comments).
: "${repository:=}" "${author:=}"

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

# Writes the digests of a plan below its comment: an account may be applied although another one moved.
# Only where they say more than the digest of the whole, and fit.
account_digests() { # PLAN
  jq -r '(.changes | map(select((.steps | length) > 0 or .waiting != null) | .address | split("/")[0])) as $busy
    | if (.accounts | length) < 2 then empty else
        .accounts[] | select(.name | IN($busy[])) | "Digest of account `\(.name)`: `\(.digest)`"
      end' "$1" | head -n 100
}

# The digests in a comment on stdin. They stand on lines of their own; nothing that comes from an API or a
# file can begin a line like that.
digests_in() {
  sed -n 's/^Digest\( of account `[a-z0-9-]*`\)\{0,1\}: `\(sha256:[0-9a-f]\{64\}\)`.*/\2/p'
}

# The end of a file, as a fence in which nothing is Markdown, and no line looks like a digest's.
fenced() { # FILE
  local text fence='```'
  text=$(tail -c 20000 "$1" 2>/dev/null | tr -d '\000-\010\013-\037' | sed 's/^Digest/ Digest/' || true)
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

# Of some options for `certctl plan`, those that `certctl status` knows too, one on a line.
reading_options() { # certctl options
  while [ $# -gt 0 ]; do
    case $1 in
      -f | --file | --account | --label | --state | --token-file | --parallelism | --ca-bundle)
        printf '%s\n%s\n' "$1" "${2-}"
        [ $# -gt 1 ] && shift
        ;;
      -f?* | --file=* | --account=* | --label=* | --state=* | --sandbox | --sandbox=* | --token-file=* | \
        --parallelism=* | --ca-bundle=*) printf '%s\n' "$1" ;;
    esac
    shift
  done
}

# Plans into a directory, as plan.sh says. Returns what `certctl plan` returned.
plan_into() { # DIRECTORY, certctl options
  local out=$1 status=0
  shift
  mkdir -p "$out"
  rm -f "$out/plan.json"
  certctl plan --format markdown --max-chars 55000 --out "$out/plan.json" "$@" \
    >"$out/comment.md" 2>"$out/plan.txt" || status=$?
  cat "$out/plan.txt" >&2
  if [ -s "$out/comment.md" ] && [ -s "$out/plan.json" ]; then
    account_digests "$out/plan.json" >"$out/digests.txt"
    [ ! -s "$out/digests.txt" ] || { echo && cat "$out/digests.txt"; } >>"$out/comment.md"
  else
    # Without a plan there is nothing to approve, and no older comment may stand as if there were.
    {
      printf '## There is no plan.\n\n<!-- certctl:plan -->\n\n'
      way_forward "$out/plan.txt"
      echo
      fenced "$out/plan.txt"
    } >"$out/comment.md"
  fi
  return "$status"
}

# Whether nothing blocks a plan. An error that blocks nothing leaves it so: the change that repairs it has
# to be mergeable.
applyable() { # PLAN
  [ -s "$1" ] && [ "$(jq -r .applyable "$1")" = true ]
}

# What stood in the way, by the codes in what certctl said, and what to do about it. `certctl explain CODE`
# tells more about each code.
way_forward() { # LOG
  local code codes said=''
  codes=$(sed -n 's/^error\[\([a-z_]*\)\].*/\1/p' "$1" | sort -u)
  if grep -q ' is held by ' "$1"; then
    say_once 'locked' '**Locked.** Another run is at work on the same state. Run this job again when it has ended.
If nobody is at work, `certctl state unlock` gives the lock back.'
  fi
  for code in $codes; do
    case $code in
      plan_moved | not_approved)
        say_once moved '**Moved.** The account or the spec changed after the review, so certctl did nothing there.
Open a new pull request (an empty commit is enough) and review its plan. Then merge it, or apply it before that:
run `certctl apply a branch` (on GitLab: a pipeline of the default branch with `MERGE_REQUEST`).'
        ;;
      new_state | stale_state | state_failed)
        say_once state '**State.** The state is missing, old, or cannot be read. Do not create a new one: bring it
back (`certctl state list`, `certctl state restore`), or declare each certificate with `import: ID`.'
        ;;
      in_use_moved | in_use_disputed | from_unmanaged | last_available | mass_destroy | max_* | min_validity_days | wave | \
        require_renewal | protected | ephemeral_state)
        say_once guard '**Guard.** A limit stops this plan. If the plan is what you want, add the
`--allow` option that the message names to `CERTCTL_OPTIONS`, plan again, and have that reviewed. Remove the
option after the merge.'
        ;;
      file_* | yaml_* | unsupported_version | missing_key | *_key | wrong_type | invalid_value | out_of_range | \
        unset_variable | duplicate_* | several_in_use | in_use_inactive | rotation_periods | validity_short | \
        moved_from_declared | import_twice | settings_differ | no_accounts | unknown_selection)
        say_once spec '**Spec.** The spec has an error, so certctl sent no request. Correct the lines that are
named below, and push again. `certctl validate` finds the same errors without any secret.'
        ;;
      observation_failed | request_failed | outcome_unknown | quota_reached)
        say_once api '**Cloudflare.** A request failed. What was begun is in the state: running this job again goes
on from there, and repeats no creation.'
        ;;
    esac
  done
  [ -n "$said" ] || printf 'The messages below say what to do.\n'
}

say_once() { # TOPIC TEXT
  [[ $said == *" $1 "* ]] || printf '%s\n\n' "$2"
  said+=" $1 "
}
