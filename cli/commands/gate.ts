import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Digest, digestOf } from '../../functions/domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../../functions/domain/oms.ts';
import { Client } from '../client.ts';
import { Folder } from '../files.ts';
import { checkLine, EXIT, type Exit, json, note, say } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export type GateFlags = {
  readonly server: string;
  readonly line: string;
  readonly environment: string;
  readonly model?: string;
  readonly name?: string;
  readonly root?: string;
  readonly manifest?: string;
  readonly intent?: string;
  readonly evidence?: string;
  readonly json?: true;
};

const Verdict = z.object({
  verdict: z.enum(['allow', 'deny', 'unknown']),
  code: z.string(),
  eventHash: z.string().nullable(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});

/**
 * May this artefact run here? With --model the folder's files are hashed here and now, so the answer is about the bytes and
 * the names that will run. Anything but a clear yes stops the pipeline; no answer is exit code 3.
 */
export async function gate(event: string, flags: GateFlags): Promise<Exit> {
  const { root, manifest } = await artefactOf(flags);
  let response: Response;
  try {
    response = await ask(new Client({ server: flags.server, token: undefined }), flags, {
      event,
      line: flags.line,
      root,
      manifest,
    });
  } catch (error) {
    note(`cannot tell: ${error instanceof Error ? error.message : error}`);
    return EXIT.cannotTell;
  }
  const verdict = Verdict.safeParse(await response.json().catch(() => undefined));
  if (!verdict.success) {
    note(`cannot tell: the server answered ${response.status}`);
    return EXIT.cannotTell;
  }
  if (flags.json) json(verdict.data);
  else {
    for (const { name, ok, detail } of verdict.data.checks) say(checkLine({ name, ok, detail }));
    say(`${verdict.data.verdict} (${verdict.data.code})`);
  }
  // The status and the body must both say yes: one alone could be a proxy's.
  if (verdict.data.verdict === 'allow' && response.status === 200) return EXIT.yes;
  return verdict.data.verdict === 'deny' ? EXIT.no : EXIT.cannotTell;
}

type Asked = { readonly event: string; readonly line: string; readonly root: Digest; readonly manifest: Digest };

async function ask(client: Client, { environment, intent, evidence }: GateFlags, asked: Asked): Promise<Response> {
  if (intent === undefined) return client.fetch(`/gate/${environment}?${new URLSearchParams(asked)}`);
  const hex = asked.event.replace('sha256:', '');
  const at = (key: string) => (evidence === undefined ? undefined : readFile(join(evidence, key)).catch(() => undefined));
  const envelope = await at(`events/${hex}.dsse.json`);
  const proof = await at(`log/proofs/${hex}.tlog-proof`);
  const body = JSON.stringify({
    ...asked,
    intent: (await readFile(intent)).toString('base64'),
    ...(envelope === undefined ? {} : { envelope: envelope.toString('base64') }),
    ...(proof === undefined ? {} : { proof: proof.toString('utf8') }),
  });
  return client.fetch(`/gate/${environment}`, { method: 'POST', body });
}

type Artefact = { readonly root: Digest; readonly manifest: Digest };

async function artefactOf({ model, name, root, manifest }: GateFlags): Promise<Artefact> {
  if (root !== undefined && manifest !== undefined)
    return { root: given('--root', root), manifest: given('--manifest', manifest) };
  if (model === undefined || name === undefined)
    throw new UsageError(
      'give --model FOLDER (the files that will run) with --name NAME (the model as announced), or --root and --manifest',
    );
  const folder = new Folder(model, () => undefined);
  const listed = await folder.list('.');
  if (!listed || listed.links.length > 0) throw new UsageError(`${model} is not a folder of plain files`);
  const hashed = await Promise.all(listed.files.map(async (path) => ({ path, digest: (await folder.hash(path))?.digest })));
  const files = hashed.flatMap(({ path, digest }) => (digest ? [{ path, digest }] : []));
  return { root: omsRootOf(files), manifest: digestOf(omsManifestBytes(files, name)) };
}

function given(flag: string, text: string): Digest {
  const parsed = Digest.safeParse(text);
  if (!parsed.success) throw new UsageError(`${flag} ${text}: write sha256: and 64 hex digits`);
  return parsed.data;
}
