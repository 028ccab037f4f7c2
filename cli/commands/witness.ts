// `countersign witness`: a small program that remembers the log's last tree and cosigns only what it grew into. To be worth
// something it runs where the log's operator has no access.
import { access, chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { systemClock } from '../../functions/adapters/local/clock.ts';
import { makeNoteSigner, type NoteSigner, openNoteSigner } from '../../functions/adapters/local/note-signer.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { type NoteKey, noteKeyOf, parseVkey, SIGNATURE_TYPES, vkeyOf } from '../../functions/domain/log/note.ts';
import { createWitness } from '../../functions/http/witness.ts';
import { UsageError } from '../embedded.ts';
import { listen } from '../listen.ts';
import { EXIT, type Exit, note, say } from '../output.ts';

type Folder = { readonly data: string };
const keyFile = (data: string): string => join(data, 'witness.key');
const memoryFile = (data: string): string => join(data, 'witness.db');
const keyOf = ({ name, signer }: NoteSigner): NoteKey => noteKeyOf(name, SIGNATURE_TYPES.cosignature, signer.spki);

/** Makes key and memory together. A second time is refused: a new memory under an old key would cosign a fork. */
export async function initWitness({ data, name }: Folder & { readonly name: string }): Promise<Exit> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  if (await openNoteSigner(keyFile(data))) throw new UsageError(`${data} holds a witness already`);
  new SqliteIndex(memoryFile(data)).close();
  await chmod(memoryFile(data), 0o600);
  const signer = await makeNoteSigner(keyFile(data), () => name);
  note("who trusts this witness puts its key into the trust file; the log's operator into witnesses.json");
  say(vkeyOf(keyOf(signer)));
  return EXIT.yes;
}

export type WitnessFlags = Folder & { readonly log: readonly string[]; readonly listen: string };
export type RunningWitness = { readonly url: string; readonly vkey: string; readonly stop: () => Promise<void> };

export async function startWitness({ data, log, listen: address }: WitnessFlags): Promise<RunningWitness> {
  const own = await openNoteSigner(keyFile(data));
  const remembers = await access(memoryFile(data)).then(
    () => true,
    () => false,
  );
  if (!own) throw new UsageError(`${data} is no witness yet: run \`countersign witness init\` first`);
  // It would take the next tree for the first one it sees, whatever came before.
  if (!remembers) throw new UsageError(`${memoryFile(data)} is lost: this witness can no longer tell a fork; make a new one`);
  const logs = new Map<string, NoteKey[]>();
  for (const vkey of log) {
    const key = parseVkey(vkey);
    if (!key.ok || key.value.type !== SIGNATURE_TYPES.note) throw new UsageError(`--log ${vkey}: not the vkey of a log`);
    logs.set(key.value.name, [...(logs.get(key.value.name) ?? []), key.value]);
  }
  const index = new SqliteIndex(memoryFile(data));
  const app = createWitness({ index, clock: systemClock(), key: keyOf(own), signer: own.signer, logs });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((req, res) => void listener(req, res));
  await listen(server, new URL(address));
  return {
    url: address,
    vkey: vkeyOf(keyOf(own)),
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      index.close();
    },
  };
}

export async function serveWitness(flags: WitnessFlags): Promise<Exit> {
  const running = await startWitness(flags);
  note(`listening on ${running.url} for ${flags.log.length} log${flags.log.length === 1 ? '' : 's'}`);
  await new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });
  await running.stop();
  return EXIT.yes;
}
