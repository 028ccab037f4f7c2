// Sealing and verifying, each beside the same cryptography with nothing around it.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventHashOf, hexOf } from '../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../functions/domain/event/envelope.ts';
import { type Promotion, statementBytes, statementOf } from '../../functions/domain/event/statement.ts';
import { RequestId } from '../../functions/domain/request.ts';
import type { Signer } from '../../functions/ports.ts';
import { storeEnvelope } from '../../functions/seal/seal.ts';
import { evidenceOf, trustIn } from '../support/evidence.ts';
import { memoryVault } from '../support/memory/vault.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';
import { atMost, fasterBy, type Row, race } from './harness.ts';
import { measured, used } from './measured.ts';

const BIN = join(import.meta.dirname, '../../cli/bin.js');
const BARE = join(import.meta.dirname, 'bare-verify.ts');

async function withPromotion<T>(work: (world: TestWorld, promotion: Promotion) => Promise<T>): Promise<T> {
  const world = await openWorld();
  try {
    const sealed = await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    return await work(world, (await evidenceOf(world, sealed)).promotion);
  } finally {
    await world.close();
  }
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const digits = (n: number): string => [...n.toString(32)].map((digit) => BASE32[Number.parseInt(digit, 32)]).join('');

/** A promotion like it, under another id: other bytes, another hash. */
const again = (promotion: Promotion, n: number): Promotion => ({
  ...promotion,
  requestId: RequestId.parse(`req-${digits(n).padStart(26, 'a')}`),
});

const PER = 50;

/** In process: shape, canonical bytes, hash, signature and envelope, into a store in memory. */
export function sealRows(): Promise<Row[]> {
  return withPromotion(async (world, promotion) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let n = 0;
    const ours = async () => {
      const vault = memoryVault();
      for (let i = 0; i < PER; i++) await storeEnvelope({ ...world, vault }, again(promotion, n++));
    };
    const bare = () => {
      for (let i = 0; i < PER; i++) {
        const bytes = Buffer.from(JSON.stringify(statementOf(again(promotion, n++))));
        createHash('sha256').update(bytes).digest('hex');
        sign('sha256', bytes, privateKey);
      }
    };
    return [
      await race(
        `seal an event of ${(statementBytes(statementOf(promotion)).length / 1024).toFixed(0)} KB, in process`,
        { name: 'countersign', per: PER, run: ours },
        { name: 'stringify, SHA-256 and P-256 sign', per: PER, run: bare },
        { rounds: 20, goal: atMost(2.5) },
      ),
    ];
  });
}

/** Whole processes over a folder of many events, on all processors and on one. */
export function verifyRows(count: number, rounds: number): Promise<{ rows: Row[]; notes: string[] }> {
  return withPromotion(async (world, promotion) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
    try {
      const trust = join(folder, 'trust.json');
      writeFileSync(trust, JSON.stringify(trustIn(world)));
      await writeEvents(folder, world.signer, promotion, count);
      const command = [process.execPath, BIN, 'verify', folder, '--all', '--seals', '--trust', trust];
      const last = new Map<string, ReturnType<typeof measured>>();
      const run = (name: string, ...argv: string[]) => ({ name, run: () => void last.set(name, measured(argv)) });
      const ours = run('countersign', ...command);
      const bare = run('bare sum, one thread', process.execPath, BARE, folder, trust);
      const single = run('countersign held to one processor', 'taskset', '-c', '0', ...command);
      const what = `verify ${count.toLocaleString('en')} events`;
      const options = { rounds, warmUp: 1 };
      const rows = [
        await race(what, ours, bare, { ...options, goal: atMost(1.5) }),
        await race(what, ours, single, { ...options, goal: fasterBy(1.8) }),
      ];
      return { rows, notes: [...last].map(([name, one]) => `${what}: ${name} ${used(one)}`) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

async function writeEvents(folder: string, signer: Signer, promotion: Promotion, count: number): Promise<void> {
  mkdirSync(join(folder, 'events'));
  for (let n = 0; n < count; n++) {
    const payload = statementBytes(statementOf(again(promotion, n)));
    const bytes = envelopeBytes(payload, signer.keyid, await signer.sign(preAuthEncoding(payload)));
    writeFileSync(join(folder, 'events', `${hexOf(eventHashOf(payload))}.dsse.json`), bytes);
  }
}
