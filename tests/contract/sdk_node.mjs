// The official JavaScript SDK (npm cloudflare@7.3.0) drives the sandbox through its whole lifecycle.
//
// CLOUDFLARE_BASE_URL says where it is. Exits non-zero on the first surprise. `cloudflare` is looked
// for from the working directory: run it where it is installed.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

assert.ok(process.env.CLOUDFLARE_BASE_URL, 'CLOUDFLARE_BASE_URL is not set');
process.env.CLOUDFLARE_API_TOKEN ??= 'any-token-will-do';
const require = createRequire(path.join(process.cwd(), 'here.js'));
const { Cloudflare } = require('cloudflare');

// A fresh account each time, so that the quota never stands in the way.
const account_id = randomUUID().replaceAll('-', '');
const client = new Cloudflare({ maxRetries: 0 });
const { certificates, configurations } = client.zeroTrust.gateway;

const list = async () => {
  const found = [];
  for await (const certificate of certificates.list({ account_id })) found.push(certificate);
  return found;
};

const refused = async (status, text, call) => {
  const error = await call().then(
    () => assert.fail(`was not refused: ${text}`),
    (error) => error,
  );
  assert.equal(error.status, status, error.message);
  assert.ok(error.message.includes(text), error.message);
};

const wait = async (id, status) => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const got = await certificates.get(id, { account_id });
    if (got.binding_status === status) return got;
    assert.ok(Date.now() < deadline, `still ${got.binding_status}, wanted ${status}`);
    await sleep(100);
  }
};

const use = (id) => configurations.edit({ account_id, settings: { certificate: { id } } });

assert.deepEqual(await list(), []);
const first = await certificates.create({ account_id, validity_period_days: 30 });
assert.equal(first.binding_status, 'inactive');
assert.equal(first.type, 'gateway_managed');
assert.equal(Math.round((new Date(first.expires_on) - new Date(first.created_at)) / 86_400_000), 30);
const second = await certificates.create({ account_id });
assert.deepEqual((await list()).map((c) => c.id), [first.id, second.id]);

await refused(400, 'available', () => use(first.id));
const activating = await certificates.activate(first.id, { account_id });
assert.equal(activating.binding_status, 'pending_deployment');
await wait(first.id, 'available');
assert.equal((await use(first.id)).settings.certificate.id, first.id);
assert.equal((await certificates.get(first.id, { account_id })).in_use, true);

await refused(400, '2118', () => certificates.deactivate(first.id, { account_id }));
await refused(400, '2118', () => certificates.delete(first.id, { account_id }));

await certificates.activate(second.id, { account_id });
await wait(second.id, 'available');
await use(second.id);
assert.deepEqual((await list()).map((c) => c.in_use), [false, true]);
const deactivating = await certificates.deactivate(first.id, { account_id });
assert.equal(deactivating.binding_status, 'pending_deletion');
await wait(first.id, 'inactive');
await certificates.delete(first.id, { account_id });
await refused(404, '2027', () => certificates.get(first.id, { account_id }));

await certificates.create({ account_id });
await refused(400, 'Up to 3 certificates', () => certificates.create({ account_id }));
const put = { account_id, settings: { tls_decrypt: { enabled: true } } };
await refused(400, '2211', () => configurations.update(put));

console.log('ok: cloudflare for JavaScript');
