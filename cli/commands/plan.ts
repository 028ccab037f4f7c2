import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Digest, EventHash } from '../../functions/domain/digest.ts';
import type { PromotionRequest } from '../../functions/domain/request.ts';
import { ok, type Result } from '../../functions/domain/result.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { blobKey } from '../../functions/domain/vault-keys.ts';
import { packsFrom } from '../../functions/packs.ts';
import { namedIn } from '../../functions/predecessor.ts';
import { type Evaluation, evaluate } from '../../functions/replay.ts';
import type { Rule } from '../../functions/route/rulebook.ts';
import { type BuiltRequest, buildRequest } from '../build-request.ts';
import type { Client } from '../client.ts';
import type { Blob } from '../draft.ts';
import { UsageError } from '../embedded.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { EXIT, type Exit, json, note, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { planMarkdown, planText } from './plan-text.ts';

export type PlanFlags = ServerFlags & {
  readonly manifest: string;
  readonly json?: true;
  readonly markdown?: true;
  readonly exitCode?: true;
  readonly answers?: readonly string[];
};

type Built = BuiltRequest & { readonly line: Counted };
/** What the server counts and keeps about the line beside its baselines. */
type Counted = { readonly automatedSinceHuman: number | null; readonly standing: readonly EventHash[] };
export type Plan = Evaluation & { readonly request: PromotionRequest; readonly rules: ReadonlyMap<string, Rule> };

/** Which path would it take, and why? Asks the server for baselines and policy, computes here, writes nothing. */
export async function plan(folder: string, flags: PlanFlags): Promise<Exit> {
  const client = await clientFor(flags);
  const built = await build(folder, flags.manifest, client, flags.answers);
  if (!built.ok) return refuse(built.problems);
  const planned = await planOf(client, built.value, built.value.line);
  if (!planned.ok) return refuse(planned.problems);
  const { routing, contradictions } = planned.value;
  if (flags.json)
    json({
      requestLine: built.value.request.line,
      contradictions,
      routing: { ...routing, input: undefined },
      diff: planned.value.diff,
    });
  else say(flags.markdown ? planMarkdown(planned.value) : planText(planned.value));
  if (contradictions.length > 0) return EXIT.no;
  // Off by default: a path is not a failure, and pipelines stop at anything but zero.
  return flags.exitCode && routing.path !== 'automated' ? EXIT.no : EXIT.yes;
}

/** Manifest and folder → request, with the server's baselines; progress on large files. */
export async function build(
  folder: string,
  manifestFile: string,
  client: Client,
  answers?: readonly string[],
): Promise<Result<Built>> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() =>
    readFile(manifestFile, 'utf8').catch(() => undefined),
  );
  if (text === undefined) throw new UsageError(`no manifest ${manifestFile}, neither in ${folder} nor here`);
  const manifest = parseManifest(text);
  if (!manifest.ok) return manifest;
  const baselines = await client.baselines(manifest.value.line, manifest.value.environment);
  if (!baselines.ok) return baselines;
  const named = EventHashes.safeParse(answers);
  if (!named.success) throw new UsageError('--answers names the hash of a drift finding: sha256: and 64 digits');
  const answering = (stated: Manifest): Manifest =>
    named.data.length > 0 ? { ...stated, answers: [...(stated.answers ?? []), ...named.data] } : stated;
  const built = await buildRequest(folder, answering(manifest.value), baselines.value, hashing());
  return built.ok ? ok({ ...built.value, line: baselines.value }) : built;
}

const EventHashes = z.array(EventHash).default([]);

const LARGE = 32 * 1024 * 1024;

/** One line per tenth of a large file; nothing for small ones. */
function hashing(): (file: string, done: number, size: number) => void {
  let told = '';
  return (file, done, size) => {
    const now = `${file} ${Math.floor((done / size) * 10)}0 %`;
    if (size >= LARGE && now !== told) note(`hashing ${now}`);
    told = now;
  };
}

const Stages = z.object({ approvedIn: z.array(z.object({ environment: z.string(), event: EventHash })) });

async function planOf(
  client: Client,
  { request, blobs }: BuiltRequest,
  { automatedSinceHuman, standing }: Counted,
): Promise<Result<Plan>> {
  const policy = await client.json('/policy', z.object({ pack: Digest }));
  if (!policy.ok) return policy;
  const stages = await client.json(`/lines/${encodeURIComponent(request.line)}/stages/${request.model.root}`, Stages);
  if (!stages.ok) return stages;
  const remote = new Map<string, Promise<Uint8Array | undefined>>();
  const get = (key: string) => {
    const local = localBlob(blobs, key);
    const found = remote.get(key) ?? (local ? bytesOf(local) : client.object(key));
    remote.set(key, found);
    return found;
  };
  const size = async (key: string) => {
    const local = localBlob(blobs, key);
    return local?.kind === 'file' ? (await stat(local.path)).size : (await get(key))?.byteLength;
  };
  const packs = packsFrom({ get });
  const pack = await packs.load(policy.value.pack);
  const evaluation = await evaluate(
    { vault: { get, size }, packs },
    {
      request,
      pack: policy.value.pack,
      receivedAt: instantOf(Date.now()),
      automatedSinceHuman,
      announced: true,
      named: namedIn(stages.value.approvedIn),
      standing,
    },
  );
  return ok({ ...evaluation, request, rules: pack.rules });
}

const localBlob = (blobs: ReadonlyMap<Digest, Blob>, key: string): Blob | undefined =>
  [...blobs].find(([digest]) => blobKey(digest) === key)?.[1];

const bytesOf = async (blob: Blob): Promise<Uint8Array> =>
  blob.kind === 'bytes' ? blob.bytes : new Uint8Array(await readFile(blob.path));
