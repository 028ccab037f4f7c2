// One verifier, four ways to sign. What a real server sent stands in test/golden/mlflow.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAD_HOOK, type HookProfile, MAX_HOOK_BYTES, type RawHook, verifyHook } from '../../../functions/domain/hook.ts';
import { rawOf, requestedTag, signedHook } from '../../support/hooks.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const SECRET = 'a-secret-of-this-test-1';
const keys = { secrets: [SECRET] };
const bytes = (text: string) => new TextEncoder().encode(text);
const hmac = (secret: string | Buffer, signed: string, as: 'base64' | 'hex' = 'base64') =>
  createHmac('sha256', secret).update(signed).digest(as);

type Recorded = { deliveries: { rawHeaders: string[]; body: string }[]; secret: string };
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/mlflow/deliveries.json'), 'utf8')) as Recorded;

function headersOf(raw: readonly string[]): Record<string, string> {
  const pairs = raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1] ?? '']] : []));
  return Object.fromEntries(pairs);
}

const SAMPLES: Record<HookProfile, RawHook> = {
  standard: (() => {
    const at = String(NOW / 1000);
    const signature = `v1,${hmac(SECRET, `msg_1.${at}.{}`)}`;
    return { headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': at, 'webhook-signature': signature }, body: bytes('{}') };
  })(),
  mlflow: rawOf(signedHook(requestedTag('m', '1', 'sandbox'), SECRET, new Date(NOW).toISOString())),
  databricks: (() => {
    const body = `{"event":"MODEL_VERSION_TAG_SET","event_timestamp":${NOW},"model_name":"m"}`;
    return { headers: { 'x-databricks-signature': hmac(SECRET, body, 'hex') }, body: bytes(body) };
  })(),
  wandb: {
    headers: { 'x-wandb-signature': hmac(SECRET, '{"a":1}'), authorization: 'Bearer token-of-the-automation' },
    body: bytes('{"a":1}'),
  },
};
const keysOf = (profile: HookProfile) => (profile === 'wandb' ? { ...keys, bearer: 'token-of-the-automation' } : keys);
const PROFILES = Object.keys(SAMPLES) as HookProfile[];

describe('R66 hooks', () => {
  it('every delivery that a real MLflow server sent verifies, over its raw bytes', () => {
    expect(recorded.deliveries).toHaveLength(13);
    for (const { rawHeaders, body } of recorded.deliveries) {
      const headers = headersOf(rawHeaders);
      const at = Number(headers['x-mlflow-timestamp']) * 1000;
      const found = verifyHook('mlflow', { headers, body: bytes(body) }, { secrets: [recorded.secret] }, at);
      expect(found).toEqual({ ok: true, value: headers['x-mlflow-delivery-id'] });
      // The same content written otherwise is not what was signed.
      const again = bytes(JSON.stringify(JSON.parse(body)));
      expect(verifyHook('mlflow', { headers, body: again }, { secrets: [recorded.secret] }, at)).toMatchObject({ ok: false });
    }
  });

  it.each(PROFILES)('%s: verifies, and one changed bit of its body or signature does not', (profile) => {
    const raw = SAMPLES[profile];
    expect(verifyHook(profile, raw, keysOf(profile), NOW).ok).toBe(true);
    fc.assert(
      fc.property(fc.nat(raw.body.byteLength * 8 - 1), (bit) => {
        const body = Uint8Array.from(raw.body);
        body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyHook(profile, { ...raw, body }, keysOf(profile), NOW)).toEqual({ ok: false, problems: [BAD_HOOK] });
      }),
    );
    const [signature = ''] = Object.keys(raw.headers).filter((name) => name.includes('signature'));
    for (const wrong of ['', 'v1,', 'v2,AAAA', `${raw.headers[signature]},${raw.headers[signature]}`, `v1,${'A'.repeat(44)}`])
      expect(verifyHook(profile, { ...raw, headers: { ...raw.headers, [signature]: wrong } }, keysOf(profile), NOW).ok).toBe(
        false,
      );
    expect(verifyHook(profile, { ...raw, headers: {} }, keysOf(profile), NOW).ok).toBe(false);
  });

  it.each(['standard', 'mlflow', 'databricks'] as const)('%s: five minutes early or late is a replay', (profile) => {
    const raw = SAMPLES[profile];
    for (const [seconds, taken] of [
      [300, true],
      [301, false],
      [-300, true],
      [-301, false],
    ] as const)
      expect(verifyHook(profile, raw, keys, NOW + seconds * 1000).ok).toBe(taken);
  });

  it('while a secret is being changed the old one and the new one are taken, and no third', () => {
    const raw = SAMPLES.mlflow;
    expect(verifyHook('mlflow', raw, { secrets: ['the-secret-of-tomorrow-2', SECRET] }, NOW).ok).toBe(true);
    expect(verifyHook('mlflow', raw, { secrets: ['the-secret-of-tomorrow-2'] }, NOW).ok).toBe(false);
    expect(verifyHook('mlflow', raw, { secrets: [] }, NOW).ok).toBe(false);
  });

  it('Standard Webhooks: a secret in base64, and several signatures at once', () => {
    const key = Buffer.alloc(32, 7);
    const at = String(NOW / 1000);
    const one = `v1,${hmac(key, `msg_1.${at}.{}`)}`;
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': at, 'webhook-signature': `v1,${hmac('x', 'y')} ${one}` };
    const secrets = [`whsec_${key.toString('base64')}`];
    expect(verifyHook('standard', { headers, body: bytes('{}') }, { secrets }, NOW)).toEqual({ ok: true, value: 'msg_1' });
    // Their id holds no dot, or two triples would sign alike.
    const dotted = { ...headers, 'webhook-id': 'msg.1' };
    expect(verifyHook('standard', { headers: dotted, body: bytes('{}') }, { secrets }, NOW).ok).toBe(false);
  });

  it('W&B signs no time, so its fixed token must come too', () => {
    const raw = SAMPLES.wandb;
    expect(verifyHook('wandb', raw, keys, NOW).ok).toBe(false);
    expect(verifyHook('wandb', raw, { ...keys, bearer: 'another' }, NOW).ok).toBe(false);
  });

  it('too large is refused before anything is computed', () => {
    const text = 'x'.repeat(MAX_HOOK_BYTES + 1);
    const sent = signedHook(text, SECRET, new Date(NOW).toISOString());
    expect(verifyHook('mlflow', rawOf(sent), keys, NOW)).toEqual({ ok: false, problems: [BAD_HOOK] });
  });
});
