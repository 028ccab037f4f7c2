// Releases of the policy: sign one, bring it to a server, and ask which is in force. Putting one into force is done by two
// signed-in people on the server's own page, never by a command.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { handleOf } from '../../functions/domain/actor.ts';
import { Digest, digestOf, EventHash } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { isAbsent, parseStatement } from '../../functions/domain/event/statement.ts';
import { Instant } from '../../functions/domain/text.ts';
import type { Signer } from '../../functions/ports.ts';
import { problemsOf } from '../client.ts';
import { paths, readConfig, UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { SHIPPED_PACK } from '../pack-folder.ts';
import { readRelease, writeRelease } from '../release-folder.ts';
import { exists } from '../stored-index.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

type ReleaseFlags = { readonly from?: string; readonly out: string; readonly data: string; readonly key?: string };

export async function release(flags: ReleaseFlags): Promise<Exit> {
  const { pack, folder } = await writeRelease(flags.from ?? SHIPPED_PACK, flags.out, await releaser(flags));
  say(`${folder}\n  pack ${pack}`);
  return EXIT.yes;
}

/** A key of one's own, or that of a data folder. */
async function releaser({ data, key }: ReleaseFlags): Promise<Signer> {
  // Opening makes a key where there is none: not in a folder that nobody set up, and not for a slip of the pen.
  if (key === undefined) await readConfig(data);
  else if (!(await exists(key)))
    throw new UsageError(
      `no key at ${key}: make one with \`openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt\``,
    );
  return openDevSigner(key ?? paths(data).signer);
}

export async function upload(folder: string, flags: ServerFlags & { readonly whatIf?: string }): Promise<Exit> {
  const client = await clientFor(flags);
  const files = await readRelease(folder);
  const report = flags.whatIf === undefined ? undefined : await reportOf(flags.whatIf);
  const all = [...files.values(), ...(report ? [report] : [])];
  const blobs = new Map(all.map((bytes) => [digestOf(bytes), { kind: 'bytes', bytes } as const]));
  const sent = await client.upload(blobs, () => undefined);
  if (!sent.ok) return refuse(sent.problems);
  const named = Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)]));
  const body = JSON.stringify({ pack: named['manifest.json'], files: named });
  const taken = await client.json('/policy/releases', z.object({ pack: Digest }), { method: 'POST', body });
  if (!taken.ok) return refuse(taken.problems);
  say(`release ${taken.value.pack} is there; nothing routes by it yet`);
  if (report) say(`  what-if ${digestOf(report)}`);
  say(`  two policy owners put it into force at ${flags.server}/policy`);
  return EXIT.yes;
}

async function reportOf(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) throw new UsageError(`no report at ${file}`);
  return new Uint8Array(bytes);
}

const Active = z.object({ pack: Digest, event: EventHash, at: Instant });

/** Read from the sealed event itself, not from what a page says of it. */
export async function status(flags: ServerFlags & { readonly json?: true }): Promise<Exit> {
  const client = await clientFor(flags);
  const active = await client.json('/policy', Active);
  if (!active.ok) return refuse(active.problems);
  const { pack, event, at } = active.value;
  const response = await client.fetch(`/events/${event}/envelope`);
  if (!response.ok) return refuse(await problemsOf(response));
  const opened = openEnvelope(new Uint8Array(await response.arrayBuffer()));
  const statement = opened.ok ? parseStatement(opened.value.payload) : opened;
  if (!statement.ok) return refuse(statement.problems);
  const { predicate } = statement.value;
  const change = predicate.kind === 'policyActivation' ? predicate.change : undefined;
  const told = change === undefined || isAbsent(change) ? undefined : change;
  const by = told?.approvals.map(({ actor, act }) => `${act} by ${handleOf(actor)}`) ?? [];
  const version = told?.version ?? null;
  if (flags.json) json({ pack, version, since: at, by, event });
  else {
    say(`pack     ${pack}`);
    say(`version  ${version ?? 'the first one'}`);
    say(`since    ${at}`);
    say(`by       ${by.join(', ') || 'whoever started this store'}`);
    say(`event    ${event}`);
  }
  return EXIT.yes;
}
