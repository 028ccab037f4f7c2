// Converts the German credit source folder into this example: node convert.ts SOURCE [OUT]. Deterministic: the same source
// gives the same bytes. It stops when a figure of the source is not what the files written here give.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { digestOf } from '../../functions/domain/digest.ts';
import { invariant } from '../../functions/domain/result.ts';
import {
  checkMetrics,
  predictionRows,
  ruleOf,
  SourceMetrics,
  scoreText,
  statedMetrics,
  type Version,
} from './convert/evaluate.ts';
import { altText, type Summary, summaryOf, summaryOfRows } from './convert/explain.ts';
import { EVALUATION, PARTS } from './convert/labels.ts';
import { evaluationName, manifestOf, rolesOf, type Written } from './convert/manifest.ts';
import { fairnessReport, type NamedBytes, performanceReport, securityReport } from './convert/reports.ts';
import { type Promotion, SCENARIOS } from './convert/scenarios.ts';
import { listed, logistic } from './convert/score.ts';
import { cell, csvText, Facts, type Row, type Rows, ShapSummary, Source, tableOf } from './convert/source.ts';

const REGISTERED = '-registered';
/** Quotes what an older YAML reader would take for a boolean or a date. */
const YAML = { lineWidth: 120, compat: 'yaml-1.1' } as const;
const isForeignWorker = (row: Row): boolean => cell(row, 'foreign_worker') === 'yes';

class Conversion {
  readonly #source: Source;
  readonly #out: string;
  readonly #evaluation: Rows;
  readonly #versions = new Map<string, Version>();
  figures = 0;

  constructor(source: Source, out: string) {
    this.#source = source;
    this.#out = out;
    this.#evaluation = source.csv(`data/slices/${EVALUATION}.csv`);
    for (const folder of ['data', 'versions', 'scenarios']) rmSync(join(out, folder), { recursive: true, force: true });
  }

  run(): void {
    const ids = [...new Set(SCENARIOS.flatMap(({ promotions }) => promotions.map(({ version }) => version)))].sort();
    for (const id of ids) this.#versions.set(id, this.#readVersion(id));
    this.#checkChallengers();
    this.#writeSlices();
    this.#writePopulations();
    for (const version of this.#versions.values()) this.#writeVersion(version);
    for (const scenario of SCENARIOS) {
      const line = `german-credit-${scenario.name}`;
      this.#write(`scenarios/${scenario.name}/scenario.yaml`, stringify({ title: scenario.title, line }, YAML));
      scenario.promotions.forEach((promotion, i) => {
        const manifest = manifestOf(
          promotion,
          this.#version(promotion.version),
          this.#writePromotion(promotion, scenario.name),
        );
        this.#write(`scenarios/${scenario.name}/${i + 1}-${promotion.version}.yaml`, stringify(manifest, YAML));
      });
    }
  }

  #write(path: string, content: string | Uint8Array): Uint8Array {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    mkdirSync(dirname(join(this.#out, path)), { recursive: true });
    writeFileSync(join(this.#out, path), bytes);
    return bytes;
  }

  #json(path: string, value: unknown): void {
    this.#write(path, `${JSON.stringify(value, null, 1)}\n`);
  }

  #version(id: string): Version {
    const version = this.#versions.get(id);
    invariant(version, `there is a version ${id}`);
    return version;
  }

  #evaluationRows(registered: boolean | undefined): readonly Row[] {
    return registered ? this.#evaluation.rows.filter(isForeignWorker) : this.#evaluation.rows;
  }

  #readVersion(id: string): Version {
    const facts = this.#source.json(`versions/${id}/promotion.json`, Facts);
    const current = this.#source.csv('data/populations/current-2026-10.csv');
    const score = facts.model.class === 'logistic_regression' ? logistic(this.#source, id) : listed(current.rows, id);
    const version = { id, facts, score, rule: ruleOf(facts) };
    this.figures += checkMetrics(version, this.#evaluation.rows, SourceMetrics.parse(facts.evaluation.metrics));
    return version;
  }

  /** The incumbent's figures that each scenario of the source expects on the candidate's evaluation set. */
  #checkChallengers(): void {
    const summary = z.object({ scenarios: z.record(z.string(), z.unknown()) });
    const Scenario = z.object({ incumbent: z.string().nullable() });
    const Expected = z.object({ diff: z.object({ evaluation: z.object({ challenger_on_candidate_set: SourceMetrics }) }) });
    for (const name of Object.keys(this.#source.json('expected.json', summary).scenarios)) {
      const { incumbent } = this.#source.json(`scenarios/${name}/scenario.json`, Scenario);
      if (incumbent === null) continue;
      const { diff } = this.#source.json(`scenarios/${name}/expected.json`, Expected);
      const version = this.#version(incumbent.replace('versions/', ''));
      this.figures += checkMetrics(version, this.#evaluation.rows, diff.evaluation.challenger_on_candidate_set);
    }
  }

  /** Each slice as rows, byte for byte what the source hashed; the two slices of registered rows are filtered from it. */
  #writeSlices(): void {
    const lines = this.#source.text('data/german-credit.csv').split('\n');
    const header = lines[0] ?? '';
    const { rows } = tableOf(this.#source.text('data/german-credit.csv'));
    const lineOf = new Map(rows.map((row, i) => [cell(row, 'row_id'), lines[i + 1] ?? '']));
    for (const { facts } of this.#versions.values()) {
      for (const set of [facts.datasets.training, facts.datasets.validation, facts.evaluation.set]) {
        const ids = this.#source.text(`data/slices/${set.name}.ids`).trim().split('\n');
        const text = `${[header, ...ids.map((id) => lineOf.get(id) ?? '')].join('\n')}\n`;
        invariant(digestOf(text) === `sha256:${set.content_sha256}`, `${set.name} has the digest the source states`);
        this.#write(`data/slices/${set.name}.csv`, text);
        const { columns, rows: all } = tableOf(text);
        if (set.name.startsWith('train')) continue;
        this.#write(`data/slices/${set.name}${REGISTERED}.csv`, csvText(columns, all.filter(isForeignWorker)));
      }
    }
  }

  /** Scores again by every version that is announced on the population, and in the source's own columns. */
  #writePopulations(): void {
    const names = new Set(SCENARIOS.flatMap(({ promotions }) => promotions.map(({ population }) => population)));
    for (const name of [...names].sort()) {
      const registered = name.endsWith(REGISTERED);
      const part = PARTS[name];
      const source = this.#source.csv(`data/populations/${part?.of ?? name.replace(REGISTERED, '')}.csv`);
      const used = SCENARIOS.flatMap(({ promotions }) => promotions)
        .filter(({ population }) => population === name)
        .flatMap(({ version, over }) => [version, ...(over ?? [])]);
      const given = source.columns
        .filter((column) => column.startsWith('score_'))
        .map((column) => column.slice('score_'.length));
      const versions = [...new Set([...used, ...(registered ? [] : given)])].sort();
      const dropped = new Set(part && source.rows.filter((row) => cell(row, part.column) === part.value).slice(-part.without));
      const rows = source.rows.filter((row) => !dropped.has(row) && (!registered || isForeignWorker(row)));
      const scored = rows.map((row) => ({ ...row, ...this.#scores(row, versions) }));
      const inputs = source.columns.filter((column) => !column.startsWith('score_'));
      this.#write(`data/populations/${name}.csv`, csvText([...inputs, ...versions.map((id) => `score_${id}`)], scored));
    }
  }

  #scores(row: Row, versions: readonly string[]): Row {
    const scores = versions.map((id): [string, string] => {
      const column = `score_${id}`;
      const said = row[column];
      const version = this.#version(id);
      // Boosted trees cannot be scored from data files alone, so their listed scores are all there is.
      const recomputed =
        version.facts.model.class === 'logistic_regression' ? scoreText(version, row) : Number(said).toFixed(6);
      invariant(said === undefined || Number(said) === Number(recomputed), `${column} of row ${row['row_id']} is recomputed`);
      this.figures += said === undefined ? 0 : 1;
      return [column, recomputed];
    });
    return Object.fromEntries(scores);
  }

  #writeVersion(version: Version): void {
    const folder = `versions/${version.id}`;
    const model: NamedBytes[] = Object.keys(rolesOf(version)).map((path) => {
      const file = version.facts.model.files.find((known) => known.path === `model/${path}`);
      const bytes = this.#source.checked(`${folder}/model/${path}`, file?.sha256 ?? '');
      return { path, bytes: this.#write(`${folder}/model/${path}`, bytes) };
    });
    for (const { path, sha256 } of version.facts.explanation.files) {
      const bytes = this.#source.checked(`${folder}/${path}`, sha256);
      if (!path.endsWith('.json')) this.#write(`${folder}/${path}`, bytes);
    }
    this.#json(`${folder}/explanation/shap_summary.json`, this.#summary(version));
    this.#write(`${folder}/features.yaml`, stringify(featuresOf(version.facts), YAML));
    this.#writeGates(version, model, false);
    const registered = SCENARIOS.some(({ promotions }) => promotions.some((p) => p.registered && p.version === version.id));
    if (registered) this.#writeRegistered(version, model);
  }

  #summary(version: Version): Summary {
    const shap = this.#source.json(`versions/${version.id}/explanation/shap_summary.json`, ShapSummary);
    const name = (set: ShapSummary['slice']) => {
      return { name: set.name, digest: digestOf(this.#read(`data/slices/${set.name}.csv`)), rows: set.rows };
    };
    return summaryOf(shap, name(shap.slice), name(shap.background));
  }

  readonly #kept = new Map<string, Uint8Array>();
  #read(path: string): Uint8Array {
    const bytes = this.#kept.get(path) ?? new Source(this.#out).bytes(path);
    this.#kept.set(path, bytes);
    return bytes;
  }

  #writeGates(version: Version, model: readonly NamedBytes[], registered: boolean): void {
    const name = evaluationName(registered);
    const slice = { name, digest: digestOf(this.#read(`data/slices/${name}.csv`)) };
    const rows = this.#evaluationRows(registered);
    const reports = [performanceReport(version, rows, slice), fairnessReport(version, rows, slice), securityReport(model)];
    for (const report of reports) {
      invariant(report.result === 'pass', `${version.id} passes ${report.gate}`);
      this.#json(`versions/${version.id}/gates${registered ? REGISTERED : ''}/${report.gate}.json`, report);
    }
  }

  /** What was computed on the registered rows only. No picture: it shows the other rows too. */
  #writeRegistered(version: Version, model: readonly NamedBytes[]): void {
    const folder = `versions/${version.id}/explanation`;
    const values = tableOf(Buffer.from(this.#read(`${folder}/shap_values.csv`)).toString('utf8'));
    const known = new Set(this.#evaluationRows(true).map((row) => cell(row, 'row_id')));
    const rows = values.rows.filter((row) => known.has(cell(row, 'row_id')));
    const name = evaluationName(true);
    const slice = { name, digest: digestOf(this.#read(`data/slices/${name}.csv`)), rows: rows.length };
    this.#write(`${folder}${REGISTERED}/shap_values.csv`, csvText(values.columns, rows));
    const summary = summaryOfRows(this.#summary(version), { columns: values.columns, rows }, slice);
    this.#json(`${folder}${REGISTERED}/shap_summary.json`, summary);
    this.#writeGates(version, model, true);
  }

  #writePromotion(promotion: Promotion, scenario: string): Written {
    const version = this.#version(promotion.version);
    const over = (promotion.over ?? []).map((id) => this.#version(id));
    const suffix = promotion.registered ? REGISTERED : '';
    const rows = this.#evaluationRows(promotion.registered);
    const predictions = `data/predictions/${[version, ...over].map(({ id }) => id).join('-over-')}${suffix}.csv`;
    this.#write(predictions, csvText(...predictionRows(rows, version, over)));
    const folder = `versions/${version.id}`;
    const written = {
      line: `german-credit-${scenario}`,
      predictions,
      explanation: {
        folder: `${folder}/explanation${suffix}`,
        alt: altText(this.#summary(version)),
        picture: !promotion.registered,
      },
      gates: `${folder}/gates${suffix}`,
      features: `${folder}/features.yaml`,
    };
    return { ...written, ...this.#writeOwn(promotion, scenario, rows) };
  }

  /** Files that belong to one scenario alone. */
  #writeOwn({ version, over, relabelled, stated }: Promotion, scenario: string, rows: readonly Row[]): Partial<Written> {
    const candidate = this.#version(version);
    const incumbent = over?.[0];
    if (relabelled) {
      const features = featuresOf(candidate.facts).map((feature) =>
        feature.name === relabelled.feature ? { ...feature, family: relabelled.family } : feature,
      );
      this.#write(`scenarios/${scenario}/features.yaml`, stringify(features, YAML));
      return { features: `scenarios/${scenario}/features.yaml` };
    }
    if (!stated || incumbent === undefined) return {};
    this.#json(`scenarios/${scenario}/metrics.json`, statedMetrics(rows, candidate, this.#version(incumbent), stated));
    return { metrics: `scenarios/${scenario}/metrics.json` };
  }
}

/** Standardising a number is part of fitting the logistic model and says nothing about the input, so it is not named here. */
const featuresOf = (facts: Facts) =>
  facts.features.map(({ name, type, family, source, protected: isProtected }) => {
    const kind = type === 'string' ? 'categorical' : 'numeric';
    const transform = { column: name, kind, encoder: kind === 'categorical' ? 'one-hot' : 'number' };
    return { name, type, required: true, family, source, transform, protected: isProtected ? 'attribute' : 'no' };
  });

const [from, to = import.meta.dirname] = process.argv.slice(2);
if (from === undefined) {
  console.error('usage: node convert.ts SOURCE [OUT]');
  process.exitCode = 1;
} else {
  const conversion = new Conversion(new Source(from), to);
  conversion.run();
  console.log(`${conversion.figures} figures and scores agree with the source`);
}
