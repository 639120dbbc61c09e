#!/usr/bin/env bash
# The same without any platform: plan, read, approve, apply. For a terminal, or for any runner that
# can stop between two stages and keep a directory.
#
#   review.sh plan  DIRECTORY [certctl options]
#   review.sh apply DIRECTORY [certctl options]
#
# What is applied is what DIRECTORY/plan.json holds, account by account: one that moved since is
# refused and shown, the others go on.
set -euo pipefail

stage=${1:?usage: review.sh plan|apply DIRECTORY [certctl options]}
out=${2:?usage: review.sh plan|apply DIRECTORY [certctl options]}
shift 2
case $stage in
  plan)
    "$(dirname "$0")/plan.sh" "$out" "$@"
    cat "$out/comment.md"
    ;;
  apply) certctl apply "$out/plan.json" "$@" ;;
  *)
    echo "$stage is neither plan nor apply" >&2
    exit 1
    ;;
esac
