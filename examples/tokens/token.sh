#!/bin/sh
# Prints the API token of an account. Replace the last line by your secret store, such as
#   exec vault kv get -field=token "secret/cloudflare/$CERTCTL_ACCOUNT"
#   exec op read "op://cloudflare/$CERTCTL_ACCOUNT/token"
set -eu
cat "/run/secrets/cloudflare-$CERTCTL_ACCOUNT"
