// Sigstore's own verifier, unmodified, over what `countersign export` writes.
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEvidence } from '../../../cli/commands/evidence-folder.ts';
import { openDevSigner } from '../../../functions/adapters/local/dev-signer.ts';
import { readEvent } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import type { Signer } from '../../../functions/ports.ts';
import { evidenceOf, type TestEvidence, trustIn } from '../../support/evidence.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

type Bundle = {
  verificationMaterial: { publicKey: { hint: string } };
  dsseEnvelope: { payload: string; signatures: { keyid: string; sig: string }[] };
};

let world: TestWorld;
let folder: string;
let evidence: TestEvidence;
beforeAll(async () => {
  world = await openWorld();
  evidence = await evidenceOf(world, await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml')));
  folder = await mkdtemp(join(tmpdir(), 'countersign-sigstore-'));
  await writeEvidence(folder, evidence.event, evidence.files);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await world.close();
});

const written = async (at = folder) => JSON.parse(await readFile(join(at, 'event.sigstore.json'), 'utf8')) as Bundle;

/** Believes this one key, under the name given: what an organisation hands to Sigstore's library. */
function verifierWith({ keyid, spki }: Pick<Signer, 'keyid' | 'spki'>): Verifier {
  const rawBytes = createPublicKey(spki).export({ type: 'spki', format: 'der' });
  const nobody = { mediaType: '', tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
  const trust = toTrustMaterial(nobody, { [keyid]: { rawBytes, keyDetails: 5 } });
  return new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
}
const verified = (bundle: Bundle, signer: Pick<Signer, 'keyid' | 'spki'> = world.signer) =>
  verifierWith(signer).verify(toSignedEntity(bundleFromJSON(bundle)));

const flipped = (text: string): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
};

describe('R10 @sigstore/verify, unmodified', () => {
  it('takes our event, whose payload is that of the envelope to the byte', async () => {
    const bundle = await written();
    expect(verified(bundle).key).toBeDefined();
    const envelope = JSON.parse(new TextDecoder().decode(evidence.files.get(evidence.key)));
    // The id is a hint that cosign takes for one of its own making; the bundle says it beside the envelope.
    const [signature] = envelope.signatures;
    expect(bundle.dsseEnvelope).toEqual({ ...envelope, signatures: [{ ...signature, keyid: '' }] });
  });

  it('takes a record that is no approval too: it says who signed, not what it means', async () => {
    let records = 0;
    for await (const key of world.vault.list('records/')) {
      const event = `sha256:${key.slice('records/'.length, -'.dsse.json'.length)}` as EventHash;
      const stored = await readEvent(world, event);
      const at = join(folder, event.slice(-8));
      await writeEvidence(at, event, new Map([[key, stored?.envelope ?? new Uint8Array()]]));
      expect(verified(await written(at)).key).toBeDefined();
      records++;
    }
    expect(records).toBeGreaterThan(0);
  });

  it('refuses another payload, another signature, another key, and a key of another name', async () => {
    const changed = async (change: (bundle: Bundle) => void) => {
      const bundle = await written();
      change(bundle);
      return bundle;
    };
    const payload = await changed(({ dsseEnvelope }) => {
      dsseEnvelope.payload = flipped(dsseEnvelope.payload);
    });
    const signature = await changed(({ dsseEnvelope: { signatures } }) => {
      for (const one of signatures) one.sig = flipped(one.sig);
    });
    const other = await openDevSigner(join(world.folder, 'other.pem'));
    expect(() => verified(payload)).toThrow('signature verification failed');
    expect(() => verified(signature)).toThrow('signature verification failed');
    const { keyid } = world.signer;
    const bundle = await written();
    expect(() => verified(bundle, { keyid, spki: other.spki })).toThrow('signature verification failed');
    expect(() => verified(bundle, other)).toThrow(`key not found: ${keyid}`);
  });

  it('the lines of docs/event.md say so too', async () => {
    const page = await readFile(join(ROOT, 'docs/event.md'), 'utf8');
    const [, lines = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    const trust = join(folder, 'trust.json');
    await writeFile(trust, JSON.stringify(trustIn(world)));
    const run = () =>
      execFileSync(process.execPath, ['--input-type=module', '-e', lines, folder, trust], { cwd: ROOT, stdio: 'pipe' });
    expect(run().toString()).toBe('verified by @sigstore/verify\n');
    const bundle = await written();
    bundle.dsseEnvelope.payload = flipped(bundle.dsseEnvelope.payload);
    await writeFile(join(folder, 'event.sigstore.json'), JSON.stringify(bundle));
    expect(run).toThrow('signature verification failed');
  });
});
