// What came from the registries and is no request: asked for without evidence, told to nobody yet, or moved by hand.
import { type Html, html, list, table, time } from '../../approve/screen/markup.ts';
import type { AlarmRow, MatchedRow, MovedRow, SoughtRow } from '../../domain/hint.ts';

export type FromRegistries = {
  readonly sought: readonly SoughtRow[];
  /** Sealed, and the registry did not take it. */
  readonly untold: readonly MatchedRow[];
  /** An act was sealed, and the alias does not follow it yet. */
  readonly unmoved: readonly MovedRow[];
  readonly alarms: readonly AlarmRow[];
};

const problemsIn = (problems: SoughtRow['problems']) =>
  problems.length === 0
    ? 'not looked into yet'
    : list(problems.slice(0, 10).map(({ pointer, code, detail }) => html`${pointer || '/'} ${code}: ${detail}`));

const next = (notBefore: string | null) => (notBefore === null ? 'not of its own accord: ask again' : time(notBefore));

/** Empty where nothing is to be told, so that an inbox without registries looks as ever. */
export function registriesPart({ sought, untold, unmoved, alarms }: FromRegistries): Html | false {
  if (sought.length + untold.length + unmoved.length + alarms.length === 0) return false;
  return html`<h2 id="registries">From the registries</h2>
${
  alarms.length > 0 &&
  table(
    'Aliases that stand elsewhere than the sealed events say: moved by hand, and no approval',
    [
      {
        head: 'Alias',
        cell: ({ model, alias, registry }) => html`${model} ${alias}<br><span class="quiet">in ${registry}</span>`,
      },
      { head: 'Stands at', cell: ({ found }) => found ?? 'nothing' },
      { head: 'Sealed', cell: ({ expected }) => expected ?? 'nothing was approved' },
      { head: 'Environment', cell: ({ line, environment }) => `${line} into ${environment}` },
      { head: 'Since', cell: ({ since }) => time(since), as: 'words' },
    ],
    alarms,
  )
}${
  sought.length > 0 &&
  table(
    'Asked for, and not announced: nothing goes on without evidence',
    [
      {
        head: 'Version',
        cell: ({ wish }) => html`${wish.model} ${wish.version}<br><span class="quiet">in ${wish.registry}</span>`,
      },
      { head: 'Into', cell: ({ wish }) => wish.environment },
      { head: 'State', cell: ({ state }) => (state === 'needsEvidence' ? 'needs evidence' : 'being read'), as: 'words' },
      { head: 'Because', cell: ({ problems }) => problemsIn(problems) },
      { head: 'Asked', cell: ({ since }) => time(since), as: 'words' },
      { head: 'Looked into again', cell: ({ notBefore }) => next(notBefore), as: 'words' },
    ],
    sought,
  )
}${
  untold.length > 0 &&
  table(
    'Decided and sealed, and the registry does not know yet',
    [
      {
        head: 'Version',
        cell: ({ wish }) => html`${wish.model} ${wish.version}<br><span class="quiet">in ${wish.registry}</span>`,
      },
      { head: 'Because', cell: ({ problems }) => problemsIn(problems) },
      { head: 'Tried again', cell: ({ notBefore }) => next(notBefore), as: 'words' },
    ],
    untold,
  )
}${
  unmoved.length > 0 &&
  table(
    'Rolled back, taken back or ended, and the alias stands where it stood',
    [
      {
        head: 'Alias',
        cell: ({ model, alias, registry }) => html`${model} ${alias}<br><span class="quiet">in ${registry}</span>`,
      },
      { head: 'Because', cell: ({ problems }) => problemsIn(problems) },
      { head: 'Tried again', cell: ({ notBefore }) => next(notBefore), as: 'words' },
    ],
    unmoved,
  )
}`;
}
