// What is installed and whether this folder can serve. It looks and changes nothing.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { systemClock } from '../../functions/adapters/local/clock.ts';
import { FileVault } from '../../functions/adapters/local/file-vault.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import type { Key } from '../../functions/domain/keys/set.ts';
import { ActivationRow, keys } from '../../functions/domain/rows.ts';
import type { Instant } from '../../functions/domain/text.ts';
import { sealedKeys } from '../../functions/keys/keys.ts';
import { packsFrom } from '../../functions/packs.ts';
import { opaPath, opaVersion } from '../../policies/tools/opa.ts';
import { BUILT } from '../built.ts';
import { type Config, openWarden, paths, readConfig } from '../embedded.ts';
import { EXIT, type Exit, json, paint, say, table } from '../output.ts';

/** `note`: good to know, never a reason to fail. */
type Finding = { readonly name: string; readonly state: 'ok' | 'note' | 'fail'; readonly detail: string };
type Look = () => Promise<Omit<Finding, 'name'>>;

const ok = (detail: string) => ({ state: 'ok', detail }) as const;
const noted = (detail: string) => ({ state: 'note', detail }) as const;
const fails = (detail: string) => ({ state: 'fail', detail }) as const;

export async function doctor(flags: { readonly data: string; readonly json?: true }): Promise<Exit> {
  const { data } = flags;
  const at = paths(data);
  const config = await readConfig(data).catch((error: unknown) => error as Error);
  const begun = !(config instanceof Error);
  const looks: [string, Look][] = [
    ['node', node],
    ['program', program],
    ['go', go],
    ['opa', opa],
    ['data folder', async () => (begun ? ok(`${data}, of ${config.organisation}`) : fails(config.message))],
    ['free disk', () => disk(existsSync(data) ? data : '.')],
    ...(begun
      ? ([
          ['address', () => address(config)],
          ['sign-in', async () => ok(`identity provider ${config.issuer.url}`)],
          ['store', () => store(at.index, at.vault)],
          ['policy', () => policy(at.index, at.vault)],
          ['health', () => health(data, config)],
          ['signing key', () => key(at.signer)],
          ...(await keysOf(at.index, at.vault)),
        ] satisfies [string, Look][])
      : []),
  ];
  const findings: Finding[] = [];
  for (const [name, look] of looks) findings.push({ name, ...(await look().catch((error: Error) => fails(error.message))) });
  const well = findings.every(({ state }) => state !== 'fail');
  if (flags.json) json({ well, findings });
  else say(table(['', 'what', 'found'], findings.map(row)));
  return well ? EXIT.yes : EXIT.no;
}

const COLOUR = { ok: 'green', note: 'yellow', fail: 'red' } as const;
const row = ({ name, state, detail }: Finding): string[] => [
  paint(COLOUR[state], state === 'fail' ? 'FAIL' : state),
  name,
  detail,
];

async function node(): ReturnType<Look> {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24
    ? ok(process.version)
    : fails(`${process.version}; the sources need 24, which npm install brings: use npx`);
}

/** Both are the same program; the bundle starts in a third of the time. */
async function program(): ReturnType<Look> {
  return BUILT
    ? ok('from its bundle, which fits the sources')
    : noted('from the sources; `npm run build` lets it start faster');
}

async function go(): ReturnType<Look> {
  const ran = await promisify(execFile)('go', ['version']).catch(() => undefined);
  return ran ? ok(ran.stdout.trim()) : noted('not found; only policy authors and the tests need it, to build OPA once');
}

async function opa(): ReturnType<Look> {
  const found = existsSync(opaPath());
  return found
    ? ok(`${opaVersion()}, ${opaPath()}`)
    : noted(`${opaVersion()} is not built yet; the first policy build does it`);
}

const GIB = 1024 ** 3;

async function disk(folder: string): ReturnType<Look> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const words = `${(free / GIB).toFixed(1)} GiB free`;
  return free > GIB ? ok(words) : free > GIB / 10 ? noted(words) : fails(`${words}: sealing will soon fail`);
}

async function address({ baseUrl }: Config): ReturnType<Look> {
  const { port } = new URL(baseUrl);
  const ready = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  if (ready === undefined) return noted(`${baseUrl}, port ${port}: nothing answers there; start it with \`countersign serve\``);
  return ready.ok ? ok(`${baseUrl}, port ${port}: a server is ready there`) : fails(`${baseUrl} answers ${ready.status}`);
}

const vaultAt = (folder: string) => new FileVault(folder, () => 'unused');

/** Opened only where it is already: looking must not make a store. */
function indexAt(file: string): SqliteIndex {
  if (!existsSync(file))
    throw new Error(`${file} is not there: \`countersign rebuild\` makes it anew from the vault, if this is the data folder`);
  return new SqliteIndex(file);
}

async function store(index: string, vault: string): ReturnType<Look> {
  const rows = indexAt(index);
  const open = await rows.list('OPEN').finally(() => rows.close());
  let events = 0;
  let records = 0;
  for await (const _ of vaultAt(vault).list('events/')) events++;
  for await (const _ of vaultAt(vault).list('records/')) records++;
  return ok(`${events} approvals and ${records} records sealed; requests open: ${open.length}`);
}

/** Read from the vault and loaded as the server would: a changed byte does not load. */
async function policy(index: string, vault: string): ReturnType<Look> {
  const rows = indexAt(index);
  const row = await rows.get(keys.activation).finally(() => rows.close());
  if (row === undefined) return fails('none is active: run `countersign init` again, it goes on where it stopped');
  const active = ActivationRow.parse(row.body);
  const pack = await packsFrom(vaultAt(vault)).load(active.pack);
  return ok(`${active.pack} loads, its files are unchanged: ${pack.rules.size} rules, active since ${active.at}`);
}

/** As the server sees it: the notes beside the store. */
async function health(data: string, config: Config): ReturnType<Look> {
  const { state, since, held, eta, reason } = await openWarden(data, config).look();
  if (state === 'HEALTHY') return ok(since === null ? 'the store is well' : `the store is well since ${since}`);
  const words = `${state} since ${since}: ${reason}`;
  if (state === 'DEGRADED') return noted(words);
  return fails(`${words}; ${held ? 'until `countersign thaw`' : `expected until ${eta ?? 'the store answers'}`}`);
}

const DAY = 86_400_000;
/** Long enough to tell every verifier and every witness before the window ends. */
const WARN_DAYS = 30;

/** One line for each key that still signs. A folder whose list cannot be read has that as its one line. */
async function keysOf(index: string, vault: string): Promise<[string, Look][]> {
  const rows = existsSync(index) ? new SqliteIndex(index) : undefined;
  if (rows === undefined) return [];
  try {
    const newest = (await sealedKeys({ vault: vaultAt(vault), index: rows })).at(-1);
    if (newest === undefined)
      return [['keys', async () => noted('no list of keys yet: the first `countersign keys rotate` makes one')]];
    const { keys: set } = newest.record;
    const signing = set.keys.filter(({ status }) => status === 'active');
    return signing.map((one) => [`key to ${one.use.join(', ')}`, async () => window(one, systemClock().now())]);
  } catch (error) {
    return [['keys', async () => fails(error instanceof Error ? error.message : String(error))]];
  } finally {
    rows.close();
  }
}

/** Exported for its test: the only thing here that the calendar decides. */
export function window({ keyid, class: keyClass, notBefore, notAfter }: Key, now: Instant) {
  const days = (from: string, to: string) => Math.floor((Date.parse(to) - Date.parse(from)) / DAY);
  const words = `${keyid.slice(0, 16)}…, class ${keyClass}, ${Math.max(0, days(notBefore, now))} days old`;
  if (now > notAfter)
    return fails(`${words}: its window ended at ${notAfter}, nothing is signed until \`countersign keys rotate\``);
  const left = days(now, notAfter);
  const told = `${words}, ${left} days left, until ${notAfter}`;
  return left < WARN_DAYS ? noted(`${told}: rotate it soon`) : ok(told);
}

async function key(file: string): ReturnType<Look> {
  const { mtimeMs, mode } = await stat(file);
  const words = `${file}: class dev, ${Math.floor((Date.now() - mtimeMs) / DAY)} days old; production gates refuse it`;
  return (mode & 0o077) === 0 ? noted(words) : fails(`${words}. Others on this machine may read it: chmod 600`);
}
