// A high-tier line with two stages, and who decides for it: the committed pack with one more line, put into force as it should be.
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { Digest } from '../../functions/domain/digest.ts';
import type { Identified } from '../../functions/ports.ts';
import { activated, type Desk, handIn, value } from './activation.ts';
import { packFiles } from './pack.ts';
import { repacked, signed } from './release.ts';
import { identified } from './world.ts';

export const STAGED = 'staged-high-tier';
export const LEAD = identified('person', 'person-lead', ['ai-governance-lead@ai-governance']);
export const OWNER = identified('person', 'model-owner-1', ['owner-of-record@model-owner-1']);

type Line = Record<string, unknown> & { committees: Record<string, unknown>[] };
export type Change = (line: Line) => Line;

/** The first line of the example under other names: each change makes one line more. */
export async function withLines(desk: Desk, changes: Readonly<Record<string, Change>>): Promise<Digest> {
  const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as { lines: Record<string, Line> };
  const first = data.lines['german-credit-01-in-band-retrain'] as Line;
  for (const [name, change] of Object.entries(changes)) {
    data.lines[name] = change({ ...structuredClone(first), line: name });
  }
  const files = await signed(repacked('data.json', canonicalBytes(data)), desk.signer);
  const pack = value(await handIn(desk, files));
  await activated(desk, pack);
  return pack;
}

/** None → staging → production. */
export const staged: Change = (line) => ({
  ...line,
  tier: 'high',
  environments: [
    { name: 'staging', class: 'dev' },
    { name: 'production', class: 'dev', after: 'staging' },
  ],
});

/** Whoever holds these seats decides for the line instead of the example's committee. */
export const decidedBy =
  (committee: string): Change =>
  (line) => ({ ...line, committees: line.committees.map((one) => ({ ...one, committee })) });

export const seat = (sub: string, role: string, committee: string): Identified =>
  identified('person', sub, [`${role}@${committee}`]);
