// A server on which every kind of page has something to show, and the list of those pages: read by the accessibility test and
// by the screenshots, so that neither forgets one.
import { serviceToken } from '../../cli/commands/context.ts';
import { settled } from '../../cli/commands/status.ts';
import { paths } from '../../cli/embedded.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { nameOf, packWithExpiry, signed } from './release.ts';
import { approved, hidden, type TestServer } from './server.ts';

export type Shown = {
  readonly name: string;
  /** Whose browser; nobody's when absent. */
  readonly person?: string;
  readonly path: string;
  readonly status?: number;
  /** Made of the same parts as another one: a picture is worth having, an audit of its own is not. */
  readonly variant?: true;
};

export type Stage = {
  readonly pages: readonly Shown[];
  /** Waits for the votes of a committee. */
  readonly voting: string;
  /** Waits for a rationale. */
  readonly unexplained: string;
};

const at = (name: string) => `scenarios/${name}`;
const LINE = 'german-credit-08-population-psi';

export async function setStage(server: TestServer): Promise<Stage> {
  const first = await approved(server, at('08-population-psi/1-v01.yaml'));
  await approved(server, at('10-protected-segment-worse/1-v01.yaml'));
  await approved(server, at('14-flattering-metric/1-v01.yaml'));
  const event = first.status.eventHash ?? '';
  const shifted = await votingOn(server, at('08-population-psi/2-v08.yaml'));
  const voting = await votingOn(server, at('10-protected-segment-worse/2-v11.yaml'));
  const refused = (await server.announced(at('14-flattering-metric/2-v02.yaml'))).status;
  const unexplained = (await server.announced(at('12-no-incumbent/1-v01.yaml'))).status.requestId;
  const drift = await driftOn(server, event);
  const archive = await proposedToEnd(server);
  await proposedRelease(server);

  const of = (id: string) => `/requests/${id}`;
  const decided = first.status.requestId;
  const pages: Shown[] = [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'provider', path: '/sign-in/start' },
    { name: 'inbox', person: 'alice', path: '/' },
    { name: 'request-to-decide', person: 'alice', path: of(voting) },
    { name: 'request-of-reviewer', person: 'dave', path: of(shifted), variant: true },
    { name: 'request-not-asked', person: 'erin', path: of(voting) },
    { name: 'screen-alone', person: 'alice', path: `${of(voting)}/screen` },
    { name: 'screen-of-first-version', person: 'alice', path: `${of(decided)}/screen`, variant: true },
    { name: 'rationale', person: 'erin', path: of(unexplained) },
    { name: 'request-decided', person: 'alice', path: of(decided) },
    { name: 'receipt', person: 'alice', path: `${of(decided)}/receipt` },
    { name: 'request-refused', person: 'alice', path: of(refused.requestId) },
    { name: 'event', person: 'alice', path: `/events/${event}` },
    { name: 'event-refused', person: 'alice', path: `/events/${refused.eventHash}`, variant: true },
    { name: 'event-drift', person: 'alice', path: `/events/${drift}` },
    { name: 'rules', person: 'alice', path: '/rules' },
    { name: 'rules-filtered', person: 'alice', path: '/rules?dimension=population&path=reviewer&text=moved' },
    { name: 'rules-none-found', person: 'alice', path: '/rules?text=no+such+words', variant: true },
    { name: 'policy', person: 'alice', path: '/policy', variant: true },
    { name: 'policy-owner', person: 'grace', path: '/policy' },
    { name: 'acts', person: 'alice', path: '/acts' },
    { name: 'ledger', person: 'alice', path: `/lines/${LINE}/sandbox/ledger`, variant: true },
    { name: 'ledger-of-owner', person: 'olivia', path: `/lines/${LINE}/sandbox/ledger` },
    { name: 'archive', person: 'alice', path: `/acts/${archive}` },
    { name: 'archive-screen', person: 'alice', path: `/acts/${archive}/screen`, variant: true },
    { name: 'line', person: 'alice', path: `/lines/${LINE}/sandbox`, variant: true },
    { name: 'line-of-owner', person: 'olivia', path: `/lines/${LINE}/sandbox` },
    { name: 'problem-404', person: 'alice', path: `/requests/req-${'a'.repeat(26)}`, status: 404 },
    { name: 'problem-no-route', person: 'alice', path: '/no/such/page', status: 404, variant: true },
    { name: 'problem-403', person: 'mallory', path: '/', status: 403 },
  ];
  return { pages, voting, unexplained };
}

async function votingOn(server: TestServer, manifest: string): Promise<string> {
  const { requestId, state } = (await server.announced(manifest)).status;
  if (state === 'needsRationale') await server.people.writeRationale(requestId, 'the model');
  await settled(server.client, requestId, ['voting']);
  return requestId;
}

async function answered(response: Response): Promise<Record<string, string>> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
}

const sent = (server: TestServer, path: string, body: object | Uint8Array, token: string, method = 'POST') =>
  fetch(server.baseUrl + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: Buffer.from(body instanceof Uint8Array ? body : canonicalBytes(body)),
  }).then(answered);

async function driftOn(server: TestServer, event: string): Promise<string> {
  const service = SAMPLE_SERVICES.find(({ roles }) => roles.includes('monitoring'));
  const token = await serviceToken(`${server.baseUrl}/idp`, service?.clientId ?? '', service?.secret ?? '');
  const report = new TextEncoder().encode('what the monitor saw in June');
  await sent(server, `/blobs/${digestOf(report)}`, report, token, 'PUT');
  const window = { from: '2026-06-01', to: '2026-06-30' };
  const finding = {
    schema: 'drift-finding/v0',
    line: LINE,
    environment: 'sandbox',
    event,
    measured: [{ what: 'score', psi: '0.180000', n: 1200, window }],
    report: digestOf(report),
  };
  return (await sent(server, '/drift-findings', finding, token))['event'] ?? '';
}

async function proposedToEnd(server: TestServer): Promise<string> {
  const reason = 'The product this model decides for is closed.';
  const told = await sent(server, '/lines/german-credit-14-flattering-metric/sandbox/archive', { reason }, server.token);
  return told['act'] ?? '';
}

/** A release that differs in one limit, brought and proposed by frank; grace may confirm it. */
async function proposedRelease(server: TestServer): Promise<void> {
  const files = await signed(packWithExpiry(7), await openDevSigner(paths(server.data).signer));
  for (const bytes of files.values()) await sent(server, `/blobs/${digestOf(bytes)}`, bytes, server.token, 'PUT');
  const pack = nameOf(files);
  const named = Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)]));
  await sent(server, '/policy/releases', { pack, files: named }, server.token);
  const frank = await server.as('frank');
  const csrf = hidden(await (await frank.get('/policy')).text(), 'csrf');
  const terms = { pack, version: '1.1.0', commit: 'c'.repeat(40), authors: 'person-of-the-release', whatIf: '', csrf };
  const proposed = await frank.post('/policy/proposals', terms);
  if (proposed.status !== 303) throw new Error(`the proposal answered ${proposed.status}: ${await proposed.text()}`);
}
