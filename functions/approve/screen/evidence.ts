import type { Feature } from '../../domain/feature.ts';
import type { ModelFile } from '../../domain/model.ts';
import type { PromotionRequest } from '../../domain/request.ts';
import type { Slice } from '../../domain/slice.ts';
import { heading } from './header.ts';
import { type Column, code, type Html, html, type Part, table, time } from './markup.ts';
import type { ScreenView } from './view.ts';

type Row = {
  readonly what: Part;
  readonly type: string;
  readonly size?: number;
  readonly digest: string;
  readonly custody: Part;
};

const VAULT = 'vault';

const custodyOf = ({ custody }: ModelFile): Part =>
  custody === 'vault'
    ? VAULT
    : html`NOT in the vault. ${custody.system}: ${custody.uri}, id ${custody.immutableId}; ${
        custody.expiresAt === 'never' ? 'said never to vanish' : html`may vanish on ${time(custody.expiresAt)}`
      }`;

const own = (what: string, type: string, digest: string): Row => ({ what, type, digest, custody: VAULT });

const named = (what: string, digest: string): Row => ({ what, type: 'name of content', digest, custody: 'computed' });

function modelRows({ model }: PromotionRequest): Row[] {
  return [
    named('Model root (weights, config, preprocessor)', model.root),
    named('Root of the weights alone', model.weights),
    own('Model manifest', 'manifest', model.manifest),
    ...model.files.map((file) => ({
      what: html`${file.path} (${file.role})`,
      type: 'model file',
      size: file.size,
      digest: file.digest,
      custody: custodyOf(file),
    })),
  ];
}

function artefactRows(request: PromotionRequest): Row[] {
  return [
    ...request.profiles.map((digest, i) => own(`Profile ${i + 1}`, 'profile', digest)),
    ...(request.predictions === undefined ? [] : [own('Predictions', 'predictions', request.predictions)]),
    ...request.explanation.flatMap((explanation) => [
      ...explanation.artefacts.map((artefact) => ({
        what: html`${artefact.name} (${explanation.kind}), on slice ${code(explanation.slice)}`,
        type: artefact.mediaType,
        size: artefact.size,
        digest: artefact.digest,
        custody: VAULT,
      })),
      ...(explanation.background ? [named(`Background set of ${explanation.kind}`, explanation.background)] : []),
    ]),
    ...request.gates.map((gate) =>
      own(`Report of gate ${gate.name} (${gate.tool}): ${gate.result}, as stated`, 'gate report', gate.report),
    ),
  ];
}

function baselineRows({ comparedWith, challenger, terms }: PromotionRequest): Row[] {
  const { against } = challenger;
  return [
    ...(comparedWith.incumbent ? [own('Event of the incumbent', 'sealed event', comparedWith.incumbent)] : []),
    ...(against.kind === 'incumbent' ? [named('Root of the incumbent', against.root)] : []),
    ...(comparedWith.lastHumanApproved
      ? [own('Event people last approved', 'sealed event', comparedWith.lastHumanApproved)]
      : []),
    ...(terms.carriedFrom ? [own('Event the terms are carried from', 'sealed event', terms.carriedFrom)] : []),
  ];
}

function recordRows({ approvalRequest, routing }: ScreenView): Row[] {
  return [
    own('Promotion request', 'record', approvalRequest.request),
    own('Comparison', 'record', approvalRequest.diff),
    own('Routing', 'record', approvalRequest.routing),
    named('Policy input, embedded in the routing', routing.inputDigest),
    own('Policy pack', 'policy', routing.pack),
    own('Policy program (Wasm)', 'policy', routing.wasm),
    own('Policy data', 'policy', routing.data),
    own('Rule book', 'policy', routing.rulebook),
  ];
}

const COLUMNS: Column<Row>[] = [
  { head: 'What', cell: (row) => row.what },
  { head: 'Type', cell: (row) => row.type },
  { head: 'Bytes', as: 'number', cell: (row) => row.size ?? 'not stated' },
  { head: 'SHA-256', cell: (row) => code(row.digest) },
  { head: 'Kept', cell: (row) => row.custody },
];

const sliceColumns = (request: PromotionRequest): Column<Slice>[] => [
  { head: 'Slice', cell: (slice) => html`${slice.name} (${slice.role})` },
  { head: 'Rows', as: 'number', cell: (slice) => slice.rows },
  { head: 'Window', cell: (slice) => `${slice.window.from} to ${slice.window.to}` },
  { head: 'Filters', cell: (slice) => slice.filters.join('; ') || 'none' },
  {
    head: 'SHA-256',
    cell: (slice) => html`${code(slice.digest)}${slice.derivedFrom && html`<br>derived from ${code(slice.derivedFrom)}`}`,
  },
  {
    head: 'Kept',
    cell: (slice) =>
      html`${slice.digest === request.evaluationRegime.slice ? 'vault; also ' : ''}${slice.locator.system}: ${slice.locator.uri}, id
${slice.locator.immutableId}`,
  },
];

const FEATURES: Column<Feature>[] = [
  { head: 'Feature', cell: (feature) => feature.name },
  { head: 'Type', cell: (feature) => `${feature.type}${feature.required ? '' : ', optional'}` },
  { head: 'Family', cell: (feature) => feature.family },
  { head: 'Source', cell: (feature) => feature.source },
  { head: 'Protected', cell: (feature) => feature.protected },
  { head: 'Transform', cell: (feature) => code(feature.transformDigest) },
];

/** Every digest that stands behind this page. */
export function evidenceSection(view: ScreenView): Html {
  const { request } = view;
  return html`<section>${heading('evidence')}
${table('Records this page was made from', COLUMNS, recordRows(view))}
${table('The candidate', COLUMNS, modelRows(request))}
${table('Evidence sent with the request', COLUMNS, artefactRows(request))}
${table('Dataset slices', sliceColumns(request), request.dataset)}
${table('What it is compared with', COLUMNS, baselineRows(request))}
<p>Metrics name slice ${code(request.challenger.evaluationSlice)}; the evaluation regime names ${code(request.evaluationRegime.slice)}.
Code: ${request.code.repository} at commit ${code(request.code.commit)}. Pipeline run: ${request.pipelineRun.system} ${request.pipelineRun.id}.
Library: ${request.model.library}.</p>
${table(`Features the model takes, in its order (${request.features.length})`, FEATURES, request.features)}</section>
`;
}
