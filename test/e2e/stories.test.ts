// The stories auditors tell, on the example's real files. Titles are those of docs/stories.md; a test holds the two together.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEvidence } from '../../cli/commands/evidence-folder.ts';
import { Folder } from '../../cli/files.ts';
import { giveRationale } from '../../functions/approve/rationale.ts';
import { serveScreen } from '../../functions/approve/serve-screen.ts';
import { readEvent } from '../../functions/baseline.ts';
import { ApprovalRequest } from '../../functions/domain/approval-request.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type Digest, digestOf, type EventHash } from '../../functions/domain/digest.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { isAbsent, type Promotion } from '../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import { omsManifestBytes, omsRootOf } from '../../functions/domain/oms.ts';
import { parseBytes, parseValue } from '../../functions/domain/parse.ts';
import { Rationale } from '../../functions/domain/request.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import { blobKey, envelopeKey } from '../../functions/domain/vault-keys.ts';
import { exportKeys } from '../../functions/export.ts';
import { judge } from '../../functions/gate/gate.ts';
import { storeBlob } from '../../functions/intake/blob.ts';
import { receive } from '../../functions/intake/intake.ts';
import { readHead } from '../../functions/store.ts';
import { announce, built, dossierOf, EXAMPLE, manifestAt, promote, upload, vote } from '../support/promote.ts';
import { drifted, measured, STEPS } from '../support/standing.ts';
import { ALICE, ERIN, ISSUER, openWorld, PIPELINE, type TestWorld } from '../support/world.ts';

const STORIES = readFileSync(join(import.meta.dirname, '../../docs/stories.md'), 'utf8');
const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const FIRST = 'scenarios/02-threshold-moved/1-v01.yaml';
const SECOND = 'scenarios/02-threshold-moved/2-v03.yaml';
const WEEKS = 7 * 86_400_000;

const TITLES = [
  'SHAP re-run at the same path three weeks later',
  "SHAP on last quarter's slice",
  'Alias re-pointed in the registry',
  'Ticket link now 404',
  'Dashboard refreshed',
  'Registry tracks a vanished Git SHA',
  'Drift in June, and the July retrain was not automatic',
] as const;

type Evidence = { event: EventHash; promotion: Promotion; files: Map<string, Uint8Array>; read: Read; envelope: Uint8Array };
type Read = (key: string) => Promise<Uint8Array | undefined>;

const hashOf = (dossier: Dossier): EventHash => {
  if (!dossier.seal) throw new Error(`${dossier.request.id} is not sealed`);
  return dossier.seal.eventHash;
};

/** What `countersign export` writes, as a map. */
async function exported(world: TestWorld, dossier: Dossier): Promise<Evidence> {
  const event = await readEvent(world, hashOf(dossier));
  if (event?.predicate.kind !== 'promotion') throw new Error('not a promotion');
  const files = new Map<string, Uint8Array>();
  for (const key of await exportKeys(world, event)) {
    const bytes = await world.vault.get(key);
    if (bytes) files.set(key, bytes);
  }
  const read: Read = async (key) => files.get(key);
  return { event: event.hash, promotion: event.predicate, files, read, envelope: event.envelope };
}

const trustOf = ({ signer }: TestWorld): Trust => ({
  environment: 'sandbox',
  class: 'dev',
  keys: [{ keyid: signer.keyid, spki: signer.spki, class: signer.keyClass }],
  issuers: [ISSUER],
  proof: 'index',
  humanSignature: 'optional',
});

/** Names of the checks that say no. */
async function refusals({ envelope, event }: Evidence, trust: Trust, read: Read): Promise<string[]> {
  const { checks } = await verifyEvent(envelope, event, trust, read);
  return checks.filter((check) => !check.ok).map((check) => check.name);
}

/** OMS root and manifest of a folder, from the bytes that are in it now: what a deployment hands to the gate. */
async function artefactOf(folder: string): Promise<{ root: Digest; manifest: Digest }> {
  const here = new Folder(join(EXAMPLE, folder), () => undefined);
  const listed = await here.list('.');
  const files = await Promise.all(
    (listed?.files ?? []).map(async (path) => ({ path, digest: (await here.hash(path))?.digest ?? digestOf('') })),
  );
  return { root: omsRootOf(files), manifest: digestOf(omsManifestBytes(files, 'german-credit-pd')) };
}

const codesOf = (result: { ok: boolean; problems?: readonly { code: string; pointer: string }[] }): string[] =>
  (result.problems ?? []).map(({ code, pointer }) => `${code} ${pointer}`);

describe('the stories auditors tell', () => {
  let world: TestWorld;
  let trust: Trust;
  let first: Dossier;
  beforeAll(async () => {
    world = await openWorld();
    trust = trustOf(world);
    first = await promote(world, await manifestAt(FIRST));
  });
  afterAll(() => world.close());

  it('each has its paragraph in docs/stories.md, in this order', () => {
    expect([...STORIES.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(TITLES);
  });

  it(`R8 R8a ${TITLES[0]}`, async () => {
    const before = await exported(world, first);
    if (isAbsent(before.promotion.explanation)) throw new Error('no explanation');
    const shown = before.promotion.explanation[0]?.artefacts.find(({ name }) => name === 'shap_values.csv');
    if (!shown) throw new Error('no SHAP values');
    world.later(3 * WEEKS);
    // The same tool wrote the same file name again, over other rows.
    const again = new Uint8Array(await readFile(join(EXAMPLE, 'versions/v01/explanation-registered/shap_values.csv')));
    expect(digestOf(again)).not.toBe(shown.digest);
    // Under the sealed digest other bytes are not taken, and the vault keeps the first whoever asks.
    expect(codesOf(await storeBlob(world.vault, shown.digest, again))).toEqual(['DIGEST_MISMATCH ']);
    const kept = await world.vault.putOnce(blobKey(shown.digest), again);
    expect(kept.kind === 'already' && digestOf(kept.bytes)).toBe(shown.digest);
    // As what they are they have another name, and the event does not know it.
    const renamed = await storeBlob(world.vault, digestOf(again), again);
    expect(renamed.ok && renamed.value).toBe(digestOf(again));

    const after = await exported(world, first);
    expect(digestOf(after.files.get(blobKey(shown.digest)) ?? again)).toBe(shown.digest);
    expect(after.files.has(blobKey(digestOf(again)))).toBe(false);
    expect(await refusals(after, trust, after.read)).toEqual([]);
    // Whoever swaps the file in the export is told by name.
    const swapped: Read = async (key) => (key === blobKey(shown.digest) ? again : after.files.get(key));
    expect(await refusals(after, trust, swapped)).toEqual(['explanation']);
  });

  it(`R8b ${TITLES[1]}`, async () => {
    await promote(world, await manifestAt('scenarios/13-explanation-other-slice/1-v01.yaml'));
    const ended = await promote(world, await manifestAt('scenarios/13-explanation-other-slice/2-v10.yaml'));
    expect(ended.decision).toMatchObject({
      outcome: 'refused',
      reasons: [{ code: 'EXPLANATION_SLICE_MISMATCH', pointer: '/explanation/0/slice' }],
    });
    const sealed = await exported(world, ended);
    const { explanation, dataset, approvals } = sealed.promotion;
    if (isAbsent(explanation) || isAbsent(dataset)) throw new Error('a refusal keeps what was stated');
    const windowOf = (digest: Digest | undefined) => dataset.slices.find((slice) => slice.digest === digest)?.window;
    const evaluated = windowOf(dataset.evaluationRegime.slice);
    // Rows of the past, which are no slice of this candidate; its metrics are of the quarter July to September.
    expect(windowOf(explanation[0]?.slice)).toBeUndefined();
    expect(digestOf(await readFile(join(EXAMPLE, 'data/slices/train-2026-07.csv')))).toBe(explanation[0]?.slice);
    expect(evaluated).toEqual({ from: '2026-07-01', to: '2026-09-30' });
    expect(approvals).toEqual({ absent: 'nobody-decided' });
    expect(ended.seal?.key).toBe(`records/${sealed.event.slice('sha256:'.length)}.dsse.json`);
    expect(await refusals(sealed, trust, sealed.read)).toEqual([]);
    const artefact = await artefactOf('versions/v10/model');
    const question = { event: sealed.event, ...artefact, line: first.request.line, environment: 'sandbox' };
    const verdict = await judge(world, question, trust);
    expect(verdict).toMatchObject({ verdict: 'deny', code: 'NOT_APPROVED' });
  });

  it(`R16 R21 ${TITLES[2]}`, async () => {
    const registry = new Map([['champion', 'versions/v01/model']]);
    const ask = async () => {
      const artefact = await artefactOf(registry.get('champion') ?? '');
      const question = { event: hashOf(first), ...artefact, line: first.request.line, environment: 'sandbox' };
      return judge(world, question, trust);
    };
    expect(await ask()).toMatchObject({ verdict: 'allow', code: 'OK' });
    registry.set('champion', 'versions/v02/model');
    expect(await ask()).toMatchObject({ verdict: 'deny', code: 'ARTEFACT_MISMATCH' });
    // Nothing here looked at the alias: what is active is what was sealed.
    const { head } = await readHead(world.index, first.request.line, first.request.environment);
    expect(head.incumbent).toBe(hashOf(first));
  });

  it(`R19 R6 R46 ${TITLES[3]}`, async () => {
    const manifest = await manifestAt('scenarios/04-feature-dropped/1-v01.yaml');
    const { request, blobs } = await built(world, manifest);
    const link = 'https://tickets.example.test/RISK-1234';
    const said = { text: link, scope: 'sandbox', intendedUse: 'tests', limitations: 'small data' };
    expect(codesOf(parseValue(Rationale, said))).toEqual(['LINK_IS_NOT_EVIDENCE /text']);
    const pointing = { ...request, rationale: said, predictions: link };
    expect(codesOf(await receive(world, canonicalBytes(pointing), PIPELINE)).sort()).toEqual([
      'LINK_IS_NOT_EVIDENCE /predictions',
      'LINK_IS_NOT_EVIDENCE /rationale/text',
    ]);
    // A link beside words is fine: the words are what is sealed.
    const why = { ...said, text: `The bureau changed its file in May, so the feature is stale. Ticket ${link}` };
    await upload(world, blobs);
    const id = await announce(world, request);
    const given = await giveRationale(world, await dossierOf(world, id), parsed(why), ERIN);
    expect(given.ok).toBe(true);
    await world.run();
    const cast = await vote(world, id, ALICE, 'reject');
    expect(cast.ok).toBe(true);
    const ended = await dossierOf(world, id);
    const { promotion, files } = await exported(world, ended);
    if (isAbsent(promotion.request) || isAbsent(promotion.request.approvalRequest) || isAbsent(promotion.request.screen))
      throw new Error('people were asked');
    const asked = parseBytes(ApprovalRequest, files.get(blobKey(promotion.request.approvalRequest)) ?? new Uint8Array());
    expect(asked.ok && asked.value.rationale?.text).toBe(why.text);
    const screen = new TextDecoder().decode(files.get(blobKey(promotion.request.screen)));
    expect(screen).toContain('The bureau changed its file in May, so the feature is stale.');
  });

  it(`R6b R18 ${TITLES[4]}`, async () => {
    const { screen } = await dossierOf(world, first.request.id);
    const seen = await serveScreen(world, await dossierOf(world, first.request.id), ALICE);
    // The dashboard moves on: another version is promoted on the same line, and weeks pass.
    world.later(6 * WEEKS);
    const second = await promote(world, await manifestAt(SECOND));
    expect(second.decision?.outcome).toBe('approved');
    const { promotion, files } = await exported(world, first);
    if (isAbsent(promotion.request) || isAbsent(promotion.request.screen) || isAbsent(promotion.approvals))
      throw new Error('people were asked');
    const bytes = files.get(blobKey(promotion.request.screen)) ?? new Uint8Array();
    expect(digestOf(bytes)).toBe(screen?.screen);
    expect(seen.ok && Buffer.compare(seen.value, bytes)).toBe(0);
    for (const person of promotion.approvals) {
      if (person.kind !== 'person') throw new Error('a committee approved it');
      const cast = JSON.parse(new TextDecoder().decode(files.get(`votes/${person.voteKey}.json`))) as { screen: string };
      expect(cast.screen).toBe(promotion.request.screen);
    }
    // Nothing on it is fetched or computed when it is opened: it cannot show something newer.
    const html = new TextDecoder().decode(bytes);
    expect(html).not.toMatch(/<script|<iframe|<object|<embed|<link|@import|\bsrc="(?!data:)|url\((?!['"]?data:)/i);
    expect((await exported(world, second)).promotion.request).not.toMatchObject({ screen: promotion.request.screen });
  });

  it(`R4 R4b ${TITLES[5]}`, async () => {
    const evidence = await exported(world, first);
    const { model, provenance } = evidence.promotion;
    if (isAbsent(model)) throw new Error('no model');
    expect(provenance.code.commit).toMatch(/^[0-9a-f]{40}$/);
    // Anybody can compute the identity from the exported bytes alone.
    const files = model.files.map(({ path, digest }) => ({ path, digest: digestOf(bytesAt(evidence, digest)) }));
    expect(omsRootOf(files)).toBe(model.root);
    // `verify` in a folder without any repository, with no git to call.
    const folder = join(world.folder, 'evidence');
    await writeEvidence(folder, evidence.event, evidence.files);
    await writeFile(join(folder, 'trust.json'), JSON.stringify(trust));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [MAIN, 'verify', '.', '--trust', 'trust.json', '--json'], {
      cwd: folder,
      env: { PATH: '' },
    });
    expect(JSON.parse(stdout)).toMatchObject({ event: evidence.event, verified: true });
    // The same commit over other weights is another model.
    const weights = model.files.find(({ role }) => role === 'weights');
    const other: Read = async (key) => {
      const bytes = await evidence.read(key);
      return weights && key === blobKey(weights.digest) ? bytes?.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) : bytes;
    };
    expect(await refusals(evidence, trust, other)).toEqual(['model']);
  });

  it(`R38 ${TITLES[6]}`, async () => {
    const [before, retrain] = [await manifestAt(STEPS[0] ?? ''), await manifestAt(STEPS[1] ?? '')];
    await promote(world, before);
    const finding = await drifted(world, [measured('0.180000')]);
    world.later(4 * WEEKS);
    const july = await promote(world, { ...retrain, answers: [finding] });
    const evidence = await exported(world, july);
    const { routing, lineage } = evidence.promotion;
    if (isAbsent(routing)) throw new Error('not routed');
    // Why: one rule, and it names the record. Who ended it: this event, which names the same.
    expect([routing.path, routing.findings.map(({ code, observed }) => [code, observed])]).toEqual([
      'reviewer',
      [['HIS-005', finding]],
    ]);
    expect(lineage.answers).toEqual([finding]);
    expect(await refusals(evidence, trust, evidence.read)).toEqual([]);
    // What monitoring said in June, in its own record, with the bytes of its report.
    const said = await readEvent(world, finding);
    if (said?.predicate.kind !== 'driftFinding') throw new Error('no finding');
    expect(said.predicate.measured).toMatchObject([{ what: 'score', psi: '0.180000', n: 900 }]);
    const { checks } = await verifyEvent(said.envelope, finding, trust, (key) => world.vault.get(key));
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual(
      ['envelope', 'signature', 'event hash', 'statement', 'reporter', 'report'].map((name) => [name, true]),
    );
    expect(evidence.files.has(envelopeKey(finding, null))).toBe(true);
  });
});

function bytesAt({ files }: Evidence, digest: Digest): Uint8Array {
  const bytes = files.get(blobKey(digest));
  if (!bytes) throw new Error(`${digest} was not exported`);
  return bytes;
}

function parsed(text: object): Rationale {
  const rationale = parseValue(Rationale, text);
  if (!rationale.ok) throw new Error(JSON.stringify(rationale.problems));
  return rationale.value;
}
