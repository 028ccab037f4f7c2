// The six bound fields in short, for people: what each of them binds, and one object in the vault to check by hand.
import { type Actor, handleOf } from '../actor.ts';
import type { Digest } from '../digest.ts';
import type { Instant } from '../text.ts';
import { blobKey, voteObjectKey } from '../vault-keys.ts';
import { isAbsent, type Promotion } from './statement.ts';
import { fieldsOf } from './verify.ts';

/** Text, then a digest, then a time: each that is there, in this order. */
type Line = { readonly what: string; readonly text?: string; readonly digest?: Digest; readonly at?: Instant };

export type FieldSummary = {
  /** As in the statement, and as `verify` names the check of it. */
  readonly field: string;
  /** Why it is missing; only a record that is no approval may say so. */
  readonly absent: string | null;
  readonly lines: readonly Line[];
  /** An object that only this field vouches for: hash it, and it is the digest or somebody changed it. */
  readonly object: { readonly key: string; readonly digest: Digest } | null;
};

type Field<K extends keyof Promotion> = Exclude<Promotion[K], { absent: string }>;
type Told = Pick<FieldSummary, 'lines' | 'object'>;

const who = (actor: Actor): string => `${actor.kind} ${handleOf(actor)}`;
const blob = (digest: Digest | null | undefined) => (digest ? { key: blobKey(digest), digest } : null);

function model({ name, version, root, weights, files }: Field<'model'>): Told {
  const kept = files.filter(({ custody }) => custody === 'vault');
  return {
    lines: [
      { what: 'version', text: `${name} ${version}, ${files.length} files, ${kept.length} of them in the vault` },
      { what: 'root', digest: root },
      { what: 'weights alone', digest: weights },
    ],
    object: blob((kept.find(({ role }) => role === 'weights') ?? kept[0])?.digest),
  };
}

function challenger({ against, evaluationSlice, metrics, predictions }: Field<'challenger'>): Told {
  const overall = metrics.filter(({ segment }) => segment === undefined);
  const figures = overall.slice(0, 3).map((one) => `${one.name} ${one.candidate} (${one.incumbent ?? 'none'} before)`);
  return {
    lines: [
      against.kind === 'incumbent'
        ? { what: 'compared with root', digest: against.root }
        : { what: 'compared with', text: `${against.name}: a named baseline` },
      { what: 'evaluation slice', digest: evaluationSlice },
      { what: 'metrics', text: `${figures.join(', ')}${figures.length > 0 ? '; ' : ''}${metrics.length} in all` },
    ],
    object: blob(predictions),
  };
}

function request({ requester, payload, screen }: Field<'request'>): Told {
  const shown = isAbsent(screen) ? undefined : screen;
  return {
    lines: [
      { what: 'announced by', text: who(requester.actor) },
      shown ? { what: 'screen', digest: shown } : { what: 'screen', text: 'none was made' },
      { what: 'request as sent', digest: payload },
    ],
    object: blob(shown ?? payload),
  };
}

function approvals(all: Field<'approvals'>): Told {
  const lines = all.map((one): Line => {
    const roles = one.auth.roles.join(', ') || 'no role';
    return one.kind === 'person'
      ? { what: one.choice, text: `${who(one.actor)} with ${roles}`, at: one.castAt }
      : { what: 'by policy', text: `${who(one.actor)} with ${roles}, under pack`, digest: one.pack };
  });
  const person = all.find((one) => one.kind === 'person');
  return { lines, object: person ? { key: voteObjectKey(person.voteKey), digest: person.vote } : null };
}

function explanation(all: Field<'explanation'>): Told {
  const lines = all.map(({ kind, artefacts, slice }): Line => {
    const names = artefacts.map((one) => one.name).join(', ');
    return { what: kind, text: `${names || 'no artefact'}, on slice`, digest: slice };
  });
  return { lines, object: blob(all.flatMap(({ artefacts }) => artefacts)[0]?.digest) };
}

function dataset({ slices, evaluationRegime }: Field<'dataset'>): Told {
  return {
    lines: slices.map(({ role, name, rows, digest }) => ({ what: role, text: `${name}, ${rows} rows`, digest })),
    object: blob(evaluationRegime.slice),
  };
}

const TELL = { model, challenger, request, approvals, explanation, dataset } as const;

/** In the order of the statement. */
export function summaryOf(promotion: Promotion): FieldSummary[] {
  return fieldsOf(promotion).map(([field, value]) => {
    if (isAbsent(value)) return { field, absent: value.absent, lines: [], object: null };
    // fieldsOf answers names and values of the same promotion; the compiler cannot pair them.
    const tell = TELL[field as keyof typeof TELL] as (value: unknown) => Told;
    return { field, absent: null, ...tell(value) };
  });
}
