import {
  DIMENSIONS,
  type Diff,
  type DiffDimensions,
  type Dimension,
  type DimensionName,
  type Side,
  type Standing,
} from '../../domain/diff.ts';
import { DIMENSION_WORDS, dayOf, isFirst, WHY_WORDS } from './figures.ts';
import { heading } from './header.ts';
import { type Column, code, type Html, html, list, type Part, table } from './markup.ts';

type Own<K extends DimensionName> = DiffDimensions[K]['figures'];
type Figures<K extends DimensionName> = DiffDimensions[K] extends Dimension<infer _Own, infer F> ? F : never;
type Move = { from: string; to: string };
type Describe = {
  [K in DimensionName]: { own: (own: Own<K>) => Part[]; side: (figures: Partial<Figures<K>>) => Part[] };
};

const moved = (what: string, move: Move | undefined): Part[] =>
  move && move.from !== move.to ? [`${what}: ${move.from || 'empty'} → ${move.to || 'empty'}`] : [];
const named = (moves: readonly ({ name: string } & Move)[] | undefined): Part[] =>
  (moves ?? []).flatMap((move) => moved(move.name, move));
const each = (what: string, names: readonly string[] | undefined): Part[] => (names ?? []).map((name) => `${what}: ${name}`);
const known = (is: boolean): string => (is ? 'known' : 'NEW');
const fileText = ({ path, role }: { path: string; role: string }): string => `${path} (${role})`;
const none = () => [];

/** What each dimension says: of the candidate alone, and against one baseline. Figures in tables below are not repeated. */
const DESCRIBE: Describe = {
  modelClass: {
    own: (own) => [`${own.class}, family ${own.family}`],
    side: (figures) => [...moved('class', figures.class), ...moved('family', figures.family)],
  },
  hyperparameters: {
    own: none,
    side: (figures) => [...named(figures.changed), ...each('added', figures.added), ...each('removed', figures.removed)],
  },
  loss: { own: (own) => [own.loss], side: (figures) => moved('loss', figures.loss) },
  features: {
    own: (own) => [`features: ${own.count}`],
    side: (figures) => [
      ...(figures.added ?? []).map(
        (one) =>
          `added: ${one.name} (family ${one.family}, ${known(one.familyKnown)}; source ${one.source}, ${known(one.sourceKnown)})`,
      ),
      ...(figures.removed ?? []).map((one) => `removed: ${one.name} (family ${one.family}; source ${one.source})`),
      ...(figures.retyped ?? []).map((one) => `retyped: ${one.name}, ${one.from} → ${one.to}`),
      ...(figures.relabelled ?? []).map((one) => `${one.field} of ${one.name}: ${one.from} → ${one.to}`),
      ...(figures.reordered ? ['order of the inputs changed'] : []),
    ],
  },
  protected: {
    own: (own) => [...each('attribute', own.attributes), ...each('proxy', own.proxies)],
    side: (figures) => named(figures.changed),
  },
  transforms: { own: none, side: (figures) => each('definition changed', figures.changed) },
  population: {
    own: (own) => [own.rows === null ? 'rows not known' : `${own.rows} rows scored`],
    side: (figures) => [
      figures.score ? `score PSI ${figures.score.psi}; see section 5` : 'no score PSI',
      ...moved('filters of the scored rows', figures.filters),
      ...(figures.scored?.sameRows ? ['THE SAME ROWS as the baseline scored'] : []),
      ...(figures.scored
        ? [`scored up to ${dayOf(figures.scored.toDay)}, the baseline up to ${dayOf(figures.scored.fromDay)}`]
        : []),
    ],
  },
  segments: {
    own: (own) => own.unregistered.map((one) => `unregistered: ${one.segment} = ${one.value}, ${one.count} rows`),
    side: (figures) => (figures.shares ?? []).map((share) => `share of ${share.name}: PSI ${share.psi}`),
  },
  decisionRule: {
    own: (own) => each('adverse action', own.adverseAction),
    side: (figures) => [
      ...moved('thresholds', {
        from: figures.thresholds?.from.join(', ') ?? '',
        to: figures.thresholds?.to.join(', ') ?? '',
      }),
      ...(figures.actionsChanged ? ['score-to-action map changed'] : []),
      ...(figures.scoreChanged ? ['another score is read'] : []),
      ...(figures.adverseActionChanged ? ['adverse actions changed'] : []),
      ...(figures.flips
        ? [
            `decisions that flip: ${figures.flips.changed} of ${figures.flips.rows} rows (rate ${figures.flips.rate}); ` +
              `${figures.flips.toAdverse} to adverse, ${figures.flips.fromAdverse} from adverse`,
          ]
        : ['flipped decisions not measured']),
    ],
  },
  calibration: { own: (own) => [own.calibration], side: (figures) => moved('calibration', figures.calibration) },
  metrics: {
    own: (own) => [`${own.recomputed} recomputed, ${own.stated} stated`],
    side: (figures) => [`overall: ${figures.overall?.length ?? 0}, segments: ${figures.segments?.length ?? 0}; see section 4`],
  },
  evaluation: {
    own: (own) => [
      html`${own.method}, slice ${code(own.slice)}`,
      ...(own.leaks ?? []).map((leak) => `LEAKAGE: ${leak.slice} reaches into ${leak.of} (${leak.how})`),
    ],
    side: (figures) => [
      ...(figures.slice && figures.slice.from !== figures.slice.to ? ['another evaluation slice'] : []),
      ...each('changed', figures.changed),
    ],
  },
  fairness: { own: none, side: (figures) => [`ratios: ${figures.ratios?.length ?? 0}; see section 6`] },
  trainingWindow: {
    own: (own) => [
      ...(own.fromDay === null || own.toDay === null ? [] : [`${dayOf(own.fromDay)} to ${dayOf(own.toDay)}`]),
      ...(own.ahead ?? []).map((one) => `NOT YET: ${one.slice} ends ${one.days} days after the request`),
      ...(own.empty ?? []).map((name) => `NO ROWS: ${name}`),
    ],
    side: (figures) =>
      figures.fromDay === undefined || figures.toDay === undefined
        ? []
        : [
            `baseline: ${dayOf(figures.fromDay)} to ${dayOf(figures.toDay)}`,
            ...(figures.rows ? [`rows to learn from: ${figures.rows.from} → ${figures.rows.to}`] : []),
            ...(figures.days ? [`days to learn from: ${figures.days.from} → ${figures.days.to}`] : []),
            ...moved('filters', figures.filters),
          ],
  },
  use: { own: none, side: (figures) => each('changed', figures.changed) },
  terms: {
    own: none,
    side: (figures) => [
      ...(figures.loosened ?? []).map((band) => `LOOSENED ${band.band}: ${band.from} → ${band.to}`),
      ...(figures.tightened ?? []).map((band) => `tightened ${band.band}: ${band.from} → ${band.to}`),
      ...named(figures.families),
      figures.carried ? 'carried from the baseline' : 'not carried from the baseline',
    ],
  },
  gates: { own: (own) => own.results.map((gate) => `${gate.name} (${gate.kind}): ${gate.result}, as stated`), side: none },
  evidence: {
    own: (own) => [
      own.predictions ? 'predictions sent' : 'NO predictions sent',
      ...own.explanations.map((one) => `explanation: ${one.kind}`),
      `profiles: ${own.profiles}`,
    ],
    side: none,
  },
  history: {
    own: (own) => [
      `automated promotions since people last approved: ${own.automatedSinceHuman ?? 'not known'}`,
      `days since people last approved: ${own.daysSinceHuman ?? 'not known'}`,
      ...standing(own.standing),
    ],
    side: none,
  },
  artefact: {
    own: (own) => [`${own.name}, ${own.files} files, made with ${own.library}`],
    side: (figures) => [
      ...moved('name', figures.name),
      ...moved('library', figures.library),
      ...each('file added', figures.added?.map(fileText)),
      ...each('file removed', figures.removed?.map(fileText)),
      ...(figures.roles ?? []).map((file) => `role of ${file.path}: ${file.from} → ${file.to}`),
      ...each('other bytes', figures.changed?.map(fileText)),
    ],
  },
};

/** What monitoring and the owner said since: a reviewer reads the figures here, the record is sealed under its hash. */
function standing(facts: Standing | undefined): string[] {
  if (facts === undefined) return [];
  const drift = facts.drift.flatMap(({ event, answered, measured }) => [
    `DRIFT FOUND, ${answered ? 'answered by this candidate' : 'NOT answered by this candidate'}: ${event}`,
    ...measured.map(
      ({ what, name, psi, n, known }) =>
        `drift of ${what}${name === null ? '' : ` ${name}`}: PSI ${psi} on ${n} rows${known ? '' : ', NEVER REGISTERED'}`,
    ),
  ]);
  return [...(facts.suspended ? [`AUTOMATED PATH SUSPENDED by the owner of record: ${facts.suspended}`] : []), ...drift];
}

const STATE: Record<Side<unknown>['state'], string> = {
  none: 'no such baseline',
  asIncumbent: 'as against the incumbent',
  same: 'same',
  differs: 'DIFFERS',
  measured: 'measured',
  unknown: 'UNKNOWN',
};

/** The state of a comparison in words, with the reasons when it is unknown. */
export const stateOf = (side: Side<unknown>): Html => {
  const strong = side.state === 'differs' || side.state === 'unknown';
  const why = side.state === 'unknown' ? `: ${side.why.map((one) => WHY_WORDS[one]).join('; ')}` : '';
  return html`<span${strong && html` class="against"`}>${STATE[side.state]}</span>${why}`;
};

/** The figures of a side, or null when there is no such comparison to show. */
export const figuresOf = <F>(side: Side<F>): Partial<F> | null => ('figures' in side ? side.figures : null);

const cell = (state: Part, lines: readonly Part[]): Html => html`${state}${lines.length > 0 && list(lines)}`;

function row<K extends DimensionName>(diff: Diff, name: K): { name: DimensionName; own: Part; incumbent: Part; human: Part } {
  // The union over K is too wide for the compiler; DESCRIBE[K] and diff[K] have the same K by construction.
  const dimension = diff[name] as Dimension<Own<K>, Figures<K>>;
  const describe = DESCRIBE[name];
  const against = (side: Side<Figures<K>>): Html => {
    const figures = figuresOf(side);
    return cell(stateOf(side), figures ? describe.side(figures) : []);
  };
  const lines = describe.own(dimension.figures as Own<K>);
  return {
    name,
    own: lines.length > 0 ? list(lines) : 'nothing to add',
    incumbent: against(dimension.against.incumbent),
    human: against(dimension.against.lastHumanApproved),
  };
}

/** The closed list of dimensions, each always there. */
export function changesSection(diff: Diff): Html {
  const rows = DIMENSIONS.map((name) => row(diff, name));
  const dimension: Column<(typeof rows)[number]> = { head: 'Dimension', cell: (one) => DIMENSION_WORDS[one.name] };
  const candidate: Column<(typeof rows)[number]> = { head: 'Candidate', cell: (one) => one.own };
  if (isFirst(diff))
    return html`<section>${heading('changes')}
${table('What the candidate is, by dimension', [dimension, candidate], rows)}</section>
`;
  const human = DIMENSIONS.map((name) => diff[name].against.lastHumanApproved.state);
  const apart = human.some((state) => state !== 'asIncumbent' && state !== 'none');
  const column: Column<(typeof rows)[number]> = { head: 'Against the last human-approved', cell: (one) => one.human };
  return html`<section>${heading('changes')}
<p>Every dimension is compared, twice: with the incumbent, and with the version people last approved, so that many small steps
cannot pass as none.${
    !apart &&
    ` The last human-approved version is ${human.includes('none') ? 'not there' : 'the incumbent'}: one column says it all.`
  }</p>
${table(
  'All dimensions of the comparison',
  [dimension, candidate, { head: 'Against the incumbent', cell: (one) => one.incumbent }, ...(apart ? [column] : [])],
  rows,
)}</section>
`;
}
