// Adds to the redacted corpus: plays the example, or reads a vault that may be made public, and appends what is not there yet.
// A line once written is never changed or taken out: a corpus that could shrink could hide whom a change re-routes.
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { vaultCorpus } from '../cli/commands/what-if-corpus.ts';
import { demo } from '../cli/demo/run.ts';
import { readPackFolder } from '../cli/pack-folder.ts';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { decideInput } from '../functions/route/route.ts';
import { GoldenLine, redacted } from '../functions/whatif/golden.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
/** 2026-10-01. The day of the example is the day it is played; the corpus needs one that stays. */
const DAY = 20_727;

const { values: flags } = parseArgs({
  options: { vault: { type: 'string' }, name: { type: 'string', default: 'german-credit' } },
});
const data = flags.vault ?? (await mkdtemp(join(tmpdir(), 'countersign-golden-')));
try {
  if (flags.vault === undefined) await played(data);
  console.log(await extend(`${flags.name}.jsonl`, data));
} finally {
  if (flags.vault === undefined) await rm(data, { recursive: true });
}

/** The demo prints what came of it; here only the sealed inputs matter. */
async function played(folder: string): Promise<void> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    await demo({ data: folder, json: true });
  } finally {
    process.stdout.write = write;
  }
}

async function extend(file: string, folder: string): Promise<string> {
  const path = join(GOLDEN, file);
  const text = await readFile(path, 'utf8').catch(() => '');
  const known = text
    .split('\n')
    .filter(Boolean)
    .map((line) => GoldenLine.parse(JSON.parse(line)));
  const digests = new Set<string>(known.map(({ inputDigest }) => inputDigest));
  const { pack } = await readPackFolder(join(import.meta.dirname, 'dist'));
  const lines: GoldenLine[] = [];
  for await (const past of await vaultCorpus(folder)) {
    if ('broken' in past) throw new Error(`${past.id}: ${past.broken}`);
    const named = `${past.line}/${past.environment}/${past.model}`;
    const golden = redacted(past, named, DAY);
    if (digests.has(golden.inputDigest)) continue;
    const again = known.filter(({ id }) => id === named || id.startsWith(`${named} again `)).length;
    const { path: decided, findings } = decideInput(pack, golden.input);
    const codes = [...new Set(findings.map(({ code }) => code))].sort();
    const id = again === 0 ? named : `${named} again ${again}`;
    lines.push({ ...golden, id, expected: { path: decided, codes, pack: pack.digest } });
  }
  lines.sort((a, b) => (a.id < b.id ? -1 : 1));
  await mkdir(GOLDEN, { recursive: true });
  await appendFile(path, lines.map((line) => `${new TextDecoder().decode(canonicalBytes(line))}\n`).join(''));
  return `${file}: ${known.length} known, ${lines.length} added`;
}
