"""The official Python SDK (PyPI cloudflare==5.9.0) drives the sandbox through its whole lifecycle.

CLOUDFLARE_BASE_URL says where it is. Exits non-zero on the first surprise.
"""

import os
import sys
import time
import uuid

import cloudflare
from cloudflare import Cloudflare

if "CLOUDFLARE_BASE_URL" not in os.environ:
    sys.exit("CLOUDFLARE_BASE_URL is not set")
os.environ.setdefault("CLOUDFLARE_API_TOKEN", "any-token-will-do")

# A fresh account each time, so that the quota never stands in the way.
ACCOUNT = uuid.uuid4().hex
NIL = "00000000-0000-0000-0000-000000000000"

client = Cloudflare(max_retries=0)
gateway = client.zero_trust.gateway
certificates = gateway.certificates


def check(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: got {got!r}, wanted {wanted!r}")


def refused(what, status, text, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except cloudflare.APIStatusError as error:
        check(f"{what}: status", error.status_code, status)
        if text not in str(error):
            sys.exit(f"{what}: {text!r} is not in {error}")
    else:
        sys.exit(f"{what}: was not refused")


def wait(identifier, status):
    deadline = time.monotonic() + 60
    while (got := certificates.get(identifier, account_id=ACCOUNT)).binding_status != status:
        if time.monotonic() > deadline:
            sys.exit(f"still {got.binding_status}, wanted {status}")
        time.sleep(0.1)
    return got


check("an empty list", list(certificates.list(account_id=ACCOUNT)), [])
check("no certificate at first", gateway.configurations.get(account_id=ACCOUNT).settings.certificate, None)

first = certificates.create(account_id=ACCOUNT, validity_period_days=30)
check("created", (first.binding_status, first.in_use, first.type), ("inactive", False, "gateway_managed"))
check("issuer", first.issuer_org, "Cloudflare, Inc.")
check("days", round((first.expires_on - first.created_at).total_seconds() / 86400), 30)
check("PEM", first.certificate.startswith("-----BEGIN CERTIFICATE-----\n"), True)
second = certificates.create(account_id=ACCOUNT)
check("the list", [c.id for c in certificates.list(account_id=ACCOUNT)], [first.id, second.id])
check("the same again", certificates.get(first.id, account_id=ACCOUNT).to_dict(), first.to_dict())

named = {"settings": {"certificate": {"id": first.id}}}
refused("inactive in use", 400, "available", gateway.configurations.edit, account_id=ACCOUNT, **named)
check("activating", certificates.activate(first.id, account_id=ACCOUNT).binding_status, "pending_deployment")
wait(first.id, "available")
configured = gateway.configurations.edit(account_id=ACCOUNT, **named)
check("configured", configured.settings.certificate.id, first.id)
check("in use", wait(first.id, "available").in_use, True)

refused("deactivate in use", 400, "2118", certificates.deactivate, first.id, account_id=ACCOUNT)
refused("delete in use", 400, "2118", certificates.delete, first.id, account_id=ACCOUNT)

certificates.activate(second.id, account_id=ACCOUNT)
wait(second.id, "available")
gateway.configurations.edit(account_id=ACCOUNT, settings={"certificate": {"id": second.id}})
check("moved", [c.in_use for c in certificates.list(account_id=ACCOUNT)], [False, True])
refused("delete active", 400, "2118", certificates.delete, first.id, account_id=ACCOUNT)
check("deactivating", certificates.deactivate(first.id, account_id=ACCOUNT).binding_status, "pending_deletion")
wait(first.id, "inactive")
certificates.delete(first.id, account_id=ACCOUNT)
refused("gone", 404, "2027", certificates.get, first.id, account_id=ACCOUNT)

certificates.create(account_id=ACCOUNT, validity_period_days=10950)
refused("quota", 400, "Up to 3 certificates", certificates.create, account_id=ACCOUNT)
refused("validity", 400, "validity_period_days", certificates.create, account_id=ACCOUNT, validity_period_days=10951)

refused("no certificate", 400, "2211", gateway.configurations.update, account_id=ACCOUNT, settings={"tls_decrypt": {"enabled": True}})
gateway.configurations.edit(account_id=ACCOUNT, settings={"tls_decrypt": {"enabled": True}})
replaced = gateway.configurations.update(account_id=ACCOUNT, settings={"certificate": {"id": NIL}})
check("replaced", (replaced.settings.certificate.id, replaced.settings.tls_decrypt.enabled), (NIL, False))

stored = list(client.mtls_certificates.list(account_id=ACCOUNT))
check("the store", len(stored), 2)
own = stored[0].certificates
other = uuid.uuid4().hex
uploaded = client.mtls_certificates.create(account_id=other, ca=True, certificates=own, name="own")
custom = certificates.get(uploaded.id, account_id=other)
check("custom", (custom.type, custom.binding_status), ("custom", "inactive"))
client.mtls_certificates.delete(uploaded.id, account_id=other)
check("none left", list(certificates.list(account_id=other)), [])

print(f"ok: cloudflare {cloudflare.__version__} for Python")
