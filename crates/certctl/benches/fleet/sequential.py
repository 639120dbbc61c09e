"""What a loop over Cloudflare's Python SDK takes: the certificates of one account after the other.

Arguments: the number of accounts. CLOUDFLARE_BASE_URL says where the server is.
"""

import sys

from cloudflare import Cloudflare

client = Cloudflare(api_token="bench")
for n in range(1, int(sys.argv[1]) + 1):
    found = list(client.zero_trust.gateway.certificates.list(account_id=f"a{n:031x}"))
    if len(found) != 1:
        sys.exit(f"account {n} holds {len(found)} certificates")
