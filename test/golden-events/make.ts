// Makes the golden events that are not there yet, and leaves the others alone: `npx node test/golden-events/make.ts`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readEvent } from '../../functions/baseline.ts';
import { vkeyOf } from '../../functions/domain/log/note.ts';
import { proofKey } from '../../functions/domain/vault-keys.ts';
import { exportKeys } from '../../functions/export.ts';
import { appendToLog } from '../../functions/log/append.ts';
import { logKeyOf } from '../../functions/log/publish.ts';
import { proofOf } from '../../functions/proofs.ts';
import { trustIn } from '../support/evidence.ts';
import { SIGNER } from '../support/frozen.ts';
import { openWorld } from '../support/world.ts';
import { RECIPES } from './recipes.ts';
import { secondKey } from './recipes-keys.ts';
import { evidenceAt, KEYS, LIST, type Listed, listed, TRUST } from './store.ts';

/** Write-once, as a vault: other bytes under a name that is there would be another golden file under an old name. */
function keep(key: string, bytes: Uint8Array): void {
  const path = evidenceAt(key);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) writeFileSync(path, bytes);
  // A baseline may come out of two worlds with two signatures; anything else may not.
  else if (!/^events\//.test(key) && !readFileSync(path).equals(bytes)) throw new Error(`${key} is there already`);
}

const all: Listed = listed();
for (const [name, recipe] of Object.entries(RECIPES)) {
  if (all.some((one) => one.name === name)) continue;
  const world = await openWorld({ keys: KEYS, journal: true });
  try {
    const event = await recipe.seal(world);
    await appendToLog(world);
    const stored = await readEvent(world, event);
    const proof = await proofOf(world, event);
    if (stored?.predicate.kind !== recipe.kind || proof === undefined) throw new Error(`${name} came out as something else`);
    for (const key of await exportKeys(world, stored)) keep(key, (await world.vault.get(key)) ?? new Uint8Array());
    keep(proofKey(event), new TextEncoder().encode(proof));
    if (!existsSync(TRUST)) {
      const log = { vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' as const };
      const both = [world.signer, await secondKey()].map(({ keyid, spki }) => ({ keyid, spki, class: 'dev' as const }));
      const trust = trustIn(world, { keys: both, logs: [log], proof: 'inclusion', intents: [SIGNER] });
      writeFileSync(TRUST, `${JSON.stringify(trust, null, 2)}\n`);
    }
    all.push({ name, kind: recipe.kind, event });
    writeFileSync(LIST, `${JSON.stringify(all, null, 2)}\n`);
    process.stdout.write(`${name}: ${event}\n`);
  } finally {
    await world.close();
  }
}
process.stdout.write(`${all.length} golden events, ${readFileSync(LIST).byteLength} bytes of list\n`);
