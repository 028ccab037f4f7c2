import { readFile } from 'node:fs/promises';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { unprovenOf } from '../../functions/domain/event/unproven.ts';
import { type Verification, verifyEvent } from '../../functions/domain/event/verify.ts';
import { checkStillGood } from '../../functions/domain/event/verify-revoked.ts';
import { INDEX } from '../../functions/domain/pack/listing.ts';
import { parseBytes } from '../../functions/domain/parse.ts';
import { type Check, Trust } from '../../functions/domain/trust.ts';
import { checkLine, EXIT, type Exit, hanging, json, note, say } from '../output.ts';
import { judgePack } from '../pack/judge.ts';
import { digestsOf, toolFiles } from '../pack/tools.ts';
import { recordsIn } from '../records-in.ts';
import { UsageError } from '../usage-error.ts';
import { benchOf, openEvidence } from './evidence-folder.ts';

export type VerifyFlags = { readonly trust?: string; readonly event?: string; readonly ledger?: string; readonly json?: true };
type Many = { readonly all?: true; readonly seals?: true };

export async function readTrust(file: string): Promise<Trust> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) throw new UsageError(`no trust file at ${file}`);
  const trust = parseBytes(Trust, bytes);
  if (!trust.ok)
    throw new UsageError(
      `${file} is no trust file: ${trust.problems.map((one) => `${one.pointer} ${one.detail}`.trim()).join('; ')}`,
    );
  return trust.value;
}

/** Without server and network: bytes from the folder, keys from --trust, one line per check. */
export async function verify(folder: string, flags: VerifyFlags & Many): Promise<Exit> {
  const { all, seals } = flags;
  if ((seals && !all) || (all && flags.event !== undefined))
    throw new UsageError('--all checks every event of the folder: --seals goes only with it, --event only without it');
  if (flags.trust === undefined) return noTrust();
  if (all) return (await import('./verify-all.ts')).verifyAll(folder, { ...flags, trust: flags.trust });
  const trust = await readTrust(flags.trust);
  const evidence = await openEvidence(folder, flags.event);
  const judged = await judgePack(evidence, trust, async () => digestsOf(await toolFiles()));
  if (!judged.whole) note(`no ${INDEX}: only what the event names was looked at, other files of this folder were not`);
  const { hash } = judged;
  const later = flags.ledger === undefined || hash === null ? [] : [checkStillGood(hash, await recordsIn(flags.ledger), trust)];
  return told([...judged.checks, ...later], flags, judged, 'verifies', 'does not verify');
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
