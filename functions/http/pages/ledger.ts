import { code, type Html, html, type Part, said, table, time } from '../../approve/screen/markup.ts';
import type { EventHash } from '../../domain/digest.ts';
import type { Instant } from '../../domain/text.ts';
import type { BrokenGlass, Entry, Ledger } from '../../ledger.ts';
import { csrfField, layout, type Viewer } from './layout.ts';

export type LedgerPageView = {
  readonly viewer: Viewer;
  readonly ledger: Ledger;
  readonly asOf: Instant | undefined;
  /** Why this person may not propose anything here; empty when they may. */
  readonly whyNot: string;
};

/** Its first digits, and the version that it approved: whole hashes would leave no room for the words. */
const event = (hash: EventHash | null, named: ReadonlyMap<EventHash, string> = new Map()): Part => {
  if (hash === null) return 'none';
  const version = named.get(hash);
  return html`<a href="/events/${hash}">${code(`${hash.slice(7, 15)}…`)}</a>${version !== undefined && html`, ${version}`}`;
};
const versionsIn = (entries: readonly Entry[]): ReadonlyMap<EventHash, string> =>
  new Map(entries.flatMap(({ event: hash, model }) => (model === null ? [] : [[hash, model.version] as const])));
const handles = ({ by }: Pick<Entry, 'by'>): string => by.map(({ handle }) => handle).join(', ');

/** Every transition of what is active, and the two brakes: to run an earlier version again, and to take an approval back. */
export function ledgerPage({ viewer, ledger, asOf, whyNot }: LedgerPageView): string {
  const { line, environment, entries, brokenGlass, broken, active } = ledger;
  const named = versionsIn(entries);
  const body = html`<p>Read from the sealed entries themselves${asOf && html`, as of ${time(asOf)}`}. <a href="/lines/${line}/${environment}">What is active now</a></p>
${broken !== null && html`<p class="notice"><strong>The chain does not hold</strong>: ${broken}. Run <code>countersign audit</code>.</p>`}
${table(
  'Transitions, the latest first',
  [
    { head: 'When', cell: ({ at }) => time(at), as: 'words' },
    { head: 'What', cell: ({ what }) => what, as: 'words' },
    { head: 'Active before', cell: ({ from }) => event(from, named) },
    { head: 'Active after', cell: ({ to }) => event(to, named) },
    { head: 'Entry', cell: (one) => event(one.event) },
    { head: 'Entry before', cell: ({ previous }) => event(previous) },
    { head: 'By', cell: handles, as: 'words' },
    { head: 'Why', cell: ({ reason }) => (reason === null ? 'as its own event says' : said(reason)) },
  ],
  entries.toReversed(),
)}
${brokenGlass.length > 0 && glassTable(brokenGlass)}
<h2>Brakes</h2>
${whyNot === '' ? brakes(ledger, viewer, active) : html`<p class="notice">You cannot propose anything here: ${whyNot}.</p>`}`;
  return layout({ title: `Ledger of ${line} in ${environment}`, viewer, body, wide: true });
}

const glassTable = (rows: readonly BrokenGlass[]): Html =>
  table(
    'Bytes that ran without an approval',
    [
      { head: 'From', cell: ({ at }) => time(at), as: 'words' },
      {
        head: 'Until',
        cell: ({ until, takenBackBy }) => (takenBackBy === null ? time(until) : html`taken back by ${event(takenBackBy)}`),
        as: 'words',
      },
      { head: 'Model root', cell: ({ root }) => code(root) },
      { head: 'Record', cell: (one) => event(one.event) },
      { head: 'By', cell: handles, as: 'words' },
      {
        head: 'Review',
        cell: ({ reviewedBy, owesReview }) => (owesReview ? html`<strong>owed</strong>` : event(reviewedBy)),
        as: 'words',
      },
    ],
    rows,
  );

function brakes({ line, environment, entries, brokenGlass }: Ledger, viewer: Viewer, active: EventHash | null): Html {
  const gone = new Set(entries.flatMap(({ what, from, revoked }) => [revoked, ...(what === 'archive' ? [from] : [])]));
  const versions = entries.flatMap(({ what, event: hash, model }) =>
    what === 'promotion' && model && !gone.has(hash) ? [{ hash, name: `${model.name} ${model.version}` }] : [],
  );
  const glass = brokenGlass
    .filter(({ takenBackBy }) => takenBackBy === null)
    .map(({ event: hash, root }) => ({ hash, name: `Break-glass for ${root.slice(7, 15)}…` }));
  const others = versions.filter(({ hash }) => hash !== active);
  const form = (path: string, title: string, words: string, field: string, of: typeof versions): Html => html`<section>
<h3>${title}</h3>
<p>${words} A second person approves it over a frozen page.</p>
${
  of.length === 0
    ? html`<p>There is no such version.</p>`
    : html`<form method="post" action="/lines/${line}/${environment}/${path}" autocomplete="off">
${csrfField(viewer)}
<div class="field"><label for="${path}-version">Version</label>
<select id="${path}-version" name="${field}">${of.map(({ hash, name }) => html`<option value="${hash}">${name} (${hash.slice(7, 15)}…)</option>`)}</select></div>
<div class="field"><label for="${path}-reason">Reason</label>
<textarea id="${path}-reason" name="reason" rows="3" required></textarea></div>
<p><button type="submit">Propose</button></p>
</form>`
}
</section>
`;
  return html`${form('rollback', 'Roll back', 'An earlier version runs again.', 'to', others)}
${form('revocation', 'Take an approval back', 'The gate denies the version for ever. If it is active, nothing is active afterwards; to roll back in the same act, use countersign revoke --to.', 'event', [...glass, ...versions])}`;
}
