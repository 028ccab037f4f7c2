// The witnesses and timestamping authorities of a data folder: files beside its other configuration, written by its operator.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { witnessAt } from '../functions/adapters/local/http-witness.ts';
import type { LogEntry } from '../functions/http/app.ts';
import { cosign, type Witness } from '../functions/log/cosign.ts';
import { timestamp } from '../functions/log/timestamp.ts';
import { paths, type Stores, UsageError } from './embedded.ts';
import { readTimestamping } from './timestamping.ts';

const Witnesses = z.array(z.strictObject({ url: z.url(), vkey: z.string() }));

export async function readWitnesses(data: string): Promise<Witness[]> {
  const file = paths(data).witnesses;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  return Witnesses.parse(JSON.parse(text)).map(({ url, vkey }) => {
    const witness = witnessAt(url, vkey);
    if (!witness.ok) throw new UsageError(`${file}: ${vkey} is no key of a witness`);
    return witness.value;
  });
}

export type Witnessing = { readonly ask: () => void; readonly idle: () => Promise<void> };

/** Beside the work, never in its way: one round at a time, and what goes wrong is told. A fork is an error to look at at once. */
export async function witnessing(data: string, stores: Stores, log: (entry: LogEntry) => void): Promise<Witnessing> {
  const witnesses = await readWitnesses(data);
  const authorities = await readTimestamping(data);
  const round = async () => {
    for (const { witness, kind, detail } of [...(await cosign(stores, witnesses)), ...(await timestamp(stores, authorities))])
      log({ level: kind === 'fork' ? 'error' : 'warning', event: 'witness', witness, kind, detail });
  };
  let running: Promise<void> | undefined;
  return {
    ask: () => {
      running ??= round()
        .catch((error) => void log({ level: 'error', event: 'witness', error: String(error) }))
        .finally(() => {
          running = undefined;
        });
    },
    idle: async () => running,
  };
}
