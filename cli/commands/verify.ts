import { readFile } from 'node:fs/promises';
import type { EventHash } from '../../functions/domain/digest.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { unprovenOf } from '../../functions/domain/event/unproven.ts';
import { type Verification, verifyEvent } from '../../functions/domain/event/verify.ts';
import { checkPack, type PackVerdict } from '../../functions/domain/pack/check.ts';
import { isNamedBy } from '../../functions/domain/pack/derived.ts';
import { INDEX } from '../../functions/domain/pack/listing.ts';
import { parseBytes } from '../../functions/domain/parse.ts';
import { type Check, Trust } from '../../functions/domain/trust.ts';
import { checkLine, EXIT, type Exit, hanging, json, note, say } from '../output.ts';
import type { OpenedPack } from '../pack/open.ts';
import { UsageError } from '../usage-error.ts';
import { benchOf, openEvidence } from './evidence-folder.ts';

export type VerifyFlags = { readonly trust?: string; readonly event?: string; readonly json?: true };

export async function readTrust(file: string): Promise<Trust> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) throw new UsageError(`no trust file at ${file}`);
  const trust = parseBytes(Trust, bytes);
  if (!trust.ok) throw new UsageError(`${file}: ${trust.problems.map((one) => `${one.pointer} ${one.detail}`).join('; ')}`);
  return trust.value;
}

/** Without server and network: bytes from the folder, keys from --trust, one line per check. */
export async function verify(folder: string, flags: VerifyFlags): Promise<Exit> {
  if (flags.trust === undefined) return noTrust();
  const trust = await readTrust(flags.trust);
  const { envelope, event, vault, pack } = await openEvidence(folder, flags.event);
  const verified = await verifyEvent(envelope, event, trust, (key) => vault.get(key));
  const whole = await wholePack(pack, { ...verified, event, trust });
  const checks = [...verified.checks, ...whole.checks];
  return told(checks, flags, { ...verified, notProven: whole.notProven }, 'verifies', 'does not verify');
}

/** Recomputation, diff and routing again under the sealed policy, after the event itself was verified. */
export async function replay(folder: string, flags: VerifyFlags): Promise<Exit> {
  if (flags.trust === undefined) return noTrust();
  const trust = await readTrust(flags.trust);
  const { envelope, event, vault } = await openEvidence(folder, flags.event);
  const verified = await verifyEvent(envelope, event, trust, (key) => vault.get(key));
  const bad = verified.checks.filter((check) => !check.ok);
  if (bad.length > 0 || verified.predicate?.kind !== 'promotion')
    return told(verified.checks, flags, verified, 'verifies', 'does not verify: not replayed');
  try {
    const engine = await import('../../functions/replay.ts');
    const checks = await engine.replay(await benchOf(vault), verified.predicate);
    return told(checks, flags, verified, 'replays to what was sealed', 'does not replay to what was sealed');
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    note(`cannot replay: ${error.message}`);
    return EXIT.cannotTell;
  }
}

type Judged = { event: EventHash; predicate: Verification['predicate']; trust: Trust };

/** Beside the event, every other byte that came with it. Evidence without an index is looked at as far as the event goes. */
async function wholePack(pack: OpenedPack, { event, predicate, trust }: Judged): Promise<PackVerdict> {
  const names = await pack.names();
  if (!pack.zip && !names.includes(INDEX)) {
    note(`no ${INDEX}: only what the event names was looked at, other files of this folder were not`);
    return { checks: [], notProven: [] };
  }
  const { toolFiles, digestsOf } = await import('../pack/tools.ts');
  const belonging = async () => {
    const { exportKeys } = await import('../../functions/export.ts');
    if (predicate === null) throw new Error('the event does not read');
    const key = names.find((name) => /^(?:events|records)/.test(name) && isNamedBy(name, event)) ?? '';
    return exportKeys({ vault: { get: pack.get } }, { key, predicate });
  };
  const tools = digestsOf(await toolFiles());
  return checkPack({ names, read: pack.get }, { event, trust, belonging, tools });
}

function noTrust(): Exit {
  note('cannot tell: give --trust FILE; trust never comes from what is being verified');
  return EXIT.cannotTell;
}

type Told = Pick<Verification, 'hash' | 'predicate'> & { readonly notProven?: readonly string[] };

function told(
  checks: readonly Check[],
  flags: VerifyFlags,
  { hash, predicate, notProven: more = [] }: Told,
  yes: string,
  no: string,
): Exit {
  const ok = checks.every((check) => check.ok);
  const notProven = [...(predicate === null ? [] : unprovenOf(predicate)), ...more];
  if (flags.json) json({ event: hash, verified: ok, checks, notProven });
  else {
    for (const check of checks) say(checkLine(check));
    if (ok) for (const sentence of notProven) say(hanging('not proven here  ', sentence));
    say(`${hash ?? 'this'} ${ok ? yes : no}`);
  }
  return ok ? EXIT.yes : EXIT.no;
}
