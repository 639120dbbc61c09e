#!/usr/bin/env bash
# Checks the spec without any secret: safe for what strangers propose.
#
#   validate.sh DIRECTORY [certctl options]
#
# DIRECTORY/validate.txt  what certctl said
set -euo pipefail

out=${1:?usage: validate.sh DIRECTORY [certctl options]}
shift
mkdir -p "$out"
status=0
certctl validate --color never "$@" >"$out/validate.txt" 2>&1 || status=$?
cat "$out/validate.txt"
exit "$status"
