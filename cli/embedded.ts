// The embedded composition: one process, one folder. It decides nothing; it opens adapters and passes them in.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../functions/adapters/local/clock.ts';
import { FileVault } from '../functions/adapters/local/file-vault.ts';
import { fileSpool } from '../functions/adapters/local/spool.ts';
import { HealthLimits } from '../functions/domain/health.ts';
import { parseBytes } from '../functions/domain/parse.ts';
import { Trust } from '../functions/domain/trust.ts';
import { type Warden, wardenOf } from '../functions/health.ts';
import { ownTrust } from '../functions/keys/own.ts';
import type { LogIdentity } from '../functions/log/log.ts';
import type { Clock, Erasable, Index, Signer, Vault } from '../functions/ports.ts';
import { openOwnKeys } from './own-keys.ts';
import { paths } from './paths.ts';
import { openIndex } from './stored-index.ts';
import { UsageError } from './usage-error.ts';

export const random = (): string => randomBytes(32).toString('base64url');

/** What `init` decides for a data folder. `issuers`: whose tokens are believed; empty until somebody configures one. */
export const Config = z.strictObject({
  schema: z.literal('config/v0'),
  baseUrl: z.url(),
  organisation: z.string().min(1),
  retentionOwner: z.string().min(1),
  issuer: z.strictObject({
    url: z.url(),
    audience: z.string(),
    rolesClaim: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
  }),
  /** When the store counts as unwell; absent: the defaults. */
  health: HealthLimits.optional(),
});
export type Config = z.infer<typeof Config>;

export type Stores = {
  readonly vault: Vault;
  readonly index: Index;
  readonly erasable: Erasable;
  readonly signer: Signer;
  readonly tlog: LogIdentity;
  readonly clock: Clock;
  readonly close: () => void;
};

export const openVault = (data: string): FileVault => new FileVault(paths(data).vault, randomUUID);

export async function openStores(data: string): Promise<Stores> {
  const at = paths(data);
  await mkdir(join(data, 'keys'), { recursive: true, mode: 0o700 });
  const vault = openVault(data);
  const { file, index } = await openIndex(data, at.index, vault);
  const clock = systemClock();
  try {
    const own = await openOwnKeys(data, { vault, index, clock });
    return { vault, index, erasable: file, ...own, clock, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** How often the server looks after what waits for the clock, and after the store itself. */
export const TICK_MS = 60_000;

export const openWarden = (data: string, { health }: Pick<Config, 'health'>): Warden =>
  wardenOf(fileSpool(paths(data).health), health ?? HealthLimits.parse({}), TICK_MS);

export async function readConfig(data: string): Promise<Config> {
  const text = await readFile(paths(data).config, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new UsageError(`${data} is not a Countersign data folder yet: run \`countersign init --data ${data}\` first`);
  const config = parseBytes(Config, Buffer.from(text));
  if (config.ok) return config.value;
  throw new UsageError(
    `${paths(data).config} does not read: ${config.problems.map((one) => `${one.pointer} ${one.detail}`).join('; ')}`,
  );
}

export { paths, UsageError };

/** The gates of this folder: a trust file for each environment, written by `init`, edited by its operator. */
export async function readGates(data: string, environments: readonly string[]): Promise<Map<string, Trust>> {
  const gates = new Map<string, Trust>();
  for (const environment of environments) {
    const text = await readFile(paths(data).trust(environment), 'utf8').catch(() => undefined);
    // No file, no trust: the gate then answers that it cannot tell.
    if (text !== undefined) gates.set(environment, Trust.parse(JSON.parse(text)));
  }
  return gates;
}

/** Whose policy releases may be put into force here; without the file none may. */
export async function readReleaseTrust(data: string): Promise<Trust | undefined> {
  const text = await readFile(paths(data).releaseTrust, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Trust.parse(JSON.parse(text));
}

/** Trust for one environment: this folder's own key, and whoever its people sign in with. */
export async function writeTrust(
  data: string,
  stores: Pick<Stores, 'vault' | 'index' | 'signer' | 'tlog'>,
  issuer: string,
  environment: { name: string; class: 'dev' | 'prod' },
  file = paths(data).trust(environment.name),
): Promise<void> {
  const trust = await ownTrust(stores, issuer, environment);
  await writeFile(file, `${JSON.stringify(trust, null, 2)}\n`);
}
