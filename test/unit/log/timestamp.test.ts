// Tokens of RFC 3161 by `openssl ts`: what holds, and what somebody could put in their place.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as inBrowser from '../../../cli/pack/browser/crypto.ts';
import { createHttpTimestamper } from '../../../functions/adapters/local/http-timestamper.ts';
import * as inNode from '../../../functions/domain/crypto.ts';
import { type Authority, parseAuthority, verifyTimestamp } from '../../../functions/domain/log/timestamp.ts';
import { checkpointKey, timestampKey } from '../../../functions/domain/vault-keys.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { readPublished } from '../../../functions/log/log.ts';
import { timestamp } from '../../../functions/log/timestamp.ts';
import { flippedAt } from '../../support/evidence.ts';
import { sealRecord } from '../../support/log.ts';
import { startTsa, type Tsa } from '../../support/tsa.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const STAMPED = new TextEncoder().encode('a checkpoint\n');
const OTHER = new TextEncoder().encode('another checkpoint\n');

const authorityOf = (tsa: Tsa): Authority => {
  const parsed = parseAuthority(tsa.certificate);
  if (!parsed.ok) throw new Error(parsed.problems[0]?.detail);
  return parsed.value;
};
const asking = ({ url }: Tsa) => createHttpTimestamper(url, () => randomBytes(16));
const detail = async (token: Uint8Array, bytes: Uint8Array, authority: Authority) => {
  const at = await verifyTimestamp(token, bytes, authority);
  return at.ok ? at.value : at.problems.map((one) => `${one.code} ${one.detail}`).join();
};

let folder: string;
let tsa: Tsa;
let other: Tsa;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-tsa-'));
  [tsa, other] = [await startTsa(join(folder, 'rsa'), 'rsa'), await startTsa(join(folder, 'ec'), 'ec')];
});
afterAll(async () => {
  await Promise.all([tsa.stop(), other.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe('R14a a token', () => {
  it.each(['rsa', 'ec'])('by an %s key says when, and openssl says the same', async (kind) => {
    const by = kind === 'rsa' ? tsa : other;
    const token = await asking(by).stamp(STAMPED);
    const at = await detail(token, STAMPED, authorityOf(by));
    expect(at).toMatch(/^20\d\d-/);
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
    await writeFile(join(folder, 'token'), token);
    await writeFile(join(folder, 'data'), STAMPED);
    await writeFile(join(folder, 'cert.pem'), by.certificate);
    const args = ['ts', '-verify', '-data', 'data', '-in', 'token', '-token_in', '-CAfile', 'cert.pem'];
    const said = execFileSync('openssl', [...args, '-untrusted', 'cert.pem', '-partial_chain'], { cwd: folder, stdio: 'pipe' });
    expect(said.toString()).toContain('Verification: OK');
  });

  it('over other bytes, by another authority, or forged under its name is refused', async () => {
    const token = await asking(tsa).stamp(STAMPED);
    expect(await detail(token, OTHER, authorityOf(tsa))).toBe('TIMESTAMP_INVALID the token is over other bytes');
    const forged = await asking(other).stamp(STAMPED);
    expect(await detail(forged, STAMPED, authorityOf(tsa))).toMatch(/another certificate than the one you trust/);
    expect(await detail(new TextEncoder().encode('no token'), STAMPED, authorityOf(tsa))).toMatch(/not a timestamp token/);
  });

  it('with any byte of what it says or of its signature changed never says another time', async () => {
    const token = await asking(other).stamp(STAMPED);
    const at = await detail(token, STAMPED, authorityOf(other));
    const believed: number[] = [];
    for (let position = 0; position < token.byteLength; position++) {
      const said = await detail(flippedAt(token, position), STAMPED, authorityOf(other));
      if (said.startsWith('TIMESTAMP_INVALID')) continue;
      // A version or a list of algorithms may stand there otherwise: nobody reads them. What is believed stays what was said.
      expect([position, said]).toEqual([position, at]);
      believed.push(position);
    }
    // The signature ends the token; what it covers, and what it is, may not change at all.
    expect(believed.filter((position) => position >= token.byteLength - 64)).toEqual([]);
    // Versions, lists of algorithms, and whom the token says that it is by: the certificate is named in what is signed.
    expect(believed.length).toBeLessThan(80);
  });

  it('an authority is a certificate for timestamps alone', async () => {
    const both = await startTsa(join(folder, 'both'), 'ec', 'timeStamping,serverAuth');
    await both.stop();
    expect(parseAuthority(both.certificate)).toMatchObject({ ok: false });
    expect(parseAuthority('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toMatchObject({ ok: false });
  });

  it('the page verifies RSA and ECDSA as Node does', async () => {
    for (const by of [tsa, other]) {
      const { certificate } = authorityOf(by);
      const { subjectPublicKeyInfo } = await spkiOf(certificate);
      const signature = sign(join(folder, by === tsa ? 'rsa' : 'ec', 'key.pem'));
      for (const crypto of [inNode, inBrowser]) {
        expect(await crypto.verifyBySpki(subjectPublicKeyInfo, 'sha256', STAMPED, signature)).toBe(true);
        expect(await crypto.verifyBySpki(subjectPublicKeyInfo, 'sha256', OTHER, signature)).toBe(false);
      }
    }
  });
});

async function spkiOf(certificate: Uint8Array) {
  const { X509Certificate } = await import('node:crypto');
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return { subjectPublicKeyInfo: new Uint8Array(key) };
}

const sign = (key: string): Uint8Array =>
  new Uint8Array(execFileSync('openssl', ['dgst', '-sha256', '-sign', key], { input: STAMPED }));

describe('R14a asking for one', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld({ begun: false });
    await sealRecord(world, 1);
    await appendToLog(world);
  });
  afterAll(() => world.close());
  const key = async () => timestampKey((await readPublished(world.index))?.size ?? 0, authorityOf(tsa).id);
  const ask = (source = asking(tsa)) => timestamp(world, [{ ...source, authority: authorityOf(tsa) }]);

  it('an authority that is down, answers nonsense, or says an old answer again is told, and nothing is kept', async () => {
    const { answer } = tsa;
    const old = await asking(tsa).stamp((await world.vault.get(checkpointKey(1))) ?? new Uint8Array());
    expect(old.byteLength).toBeGreaterThan(100);
    const replayed = tsa.answers.at(-1);
    for (const [says, why] of [
      [() => undefined, /answered 503/],
      [() => Buffer.from('nonsense'), /no timestamp response/],
      [() => replayed, /not to this question/],
    ] as const) {
      tsa.answer = says;
      expect(await ask()).toEqual([{ witness: 'TSA of a test', kind: 'unreachable', detail: expect.stringMatching(why) }]);
      expect(await world.vault.get(await key())).toBeUndefined();
    }
    tsa.answer = answer;
    expect(await ask(createHttpTimestamper('http://127.0.0.1:1/', () => randomBytes(16)))).toMatchObject([
      { kind: 'unreachable' },
    ]);
    // By another key under the name of this one: it arrives, and does not verify.
    expect(await ask(asking(other))).toMatchObject([{ kind: 'refused' }]);
    expect(await world.vault.get(await key())).toBeUndefined();
  });

  it('is kept beside its checkpoint, once for each tree', async () => {
    expect(await ask()).toEqual([]);
    const token = (await world.vault.get(await key())) ?? new Uint8Array();
    const checkpoint = (await world.vault.get(checkpointKey(1))) ?? new Uint8Array();
    expect(await detail(token, checkpoint, authorityOf(tsa))).toMatch(/^20/);
    const asked = tsa.answers.length;
    expect(await ask()).toEqual([]);
    expect(tsa.answers.length).toBe(asked);
  });
});
