// A candidate pack beside the active one: it decides the same inputs afterwards, and nothing of it is ever sealed.
import type { Digest } from '../domain/digest.ts';
import { type Change, changeOf, type Decided, KINDS, type Kind } from './change.ts';

type Difference = Pick<Change, 'kind' | 'from' | 'to' | 'added' | 'removed' | 'loosened'> & { readonly request: string };

type ShadowReport = {
  readonly schema: 'shadow/v0';
  readonly pack: Digest;
  /** Since this process started: an observation, not evidence. */
  readonly counts: Readonly<Record<Kind | 'decided' | 'failed', number>>;
  /** The latest first; only so many are kept. */
  readonly differences: readonly Difference[];
};

export type Shadow = {
  /** Never throws: whatever the candidate does, the active decision stands as it was stored. */
  readonly observe: (request: string, input: unknown, active: Decided) => void;
  readonly report: () => ShadowReport;
};

type Told = Readonly<Record<string, string>>;

const KEPT = 1000;
const FAILED = ['POL-000', 'POL-004'];

export function createShadow(pack: Digest, decide: (input: unknown) => Decided, tell: (told: Told) => void): Shadow {
  const counts = { decided: 0, failed: 0, ...(Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>) };
  let differences: readonly Difference[] = [];
  const failed = (request: string, error: string) => {
    counts.failed++;
    tell({ event: 'shadow-failed', request, error });
  };
  const compare = (request: string, input: unknown, active: Decided): void => {
    const shadow = decide(input);
    const broken = shadow.findings.find(({ code }) => FAILED.includes(code));
    if (broken !== undefined) {
      failed(request, broken.code);
      return;
    }
    const { kind, from, to, added, removed, loosened } = changeOf(active, shadow);
    counts[kind]++;
    if (kind === 'unchanged') return;
    differences = [{ request, kind, from, to, added, removed, loosened }, ...differences].slice(0, KEPT);
    tell({ event: 'shadow', request, kind, from, to });
  };
  return {
    observe: (request, input, active) => {
      counts.decided++;
      try {
        compare(request, input, active);
      } catch (error) {
        // A candidate that breaks is a finding about the candidate, and no reason to stop a promotion.
        failed(request, error instanceof Error ? error.message : String(error));
      }
    },
    report: () => ({ schema: 'shadow/v0', pack, counts: { ...counts }, differences }),
  };
}
