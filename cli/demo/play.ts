// Plays one scenario over the public HTTP API: announce, let people decide where they are asked, gate, export, verify.
import type { EventHash } from '../../functions/domain/digest.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import type { PromotionRequest } from '../../functions/domain/request.ts';
import type { Result } from '../../functions/domain/result.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import type { Client } from '../client.ts';
import { fetchEvidence } from '../commands/export.ts';
import { build } from '../commands/plan.ts';
import { type Status, settled } from '../commands/status.ts';
import { problemText } from '../output.ts';
import type { People } from './people.ts';
import { EXAMPLE, type Scenario } from './scenarios.ts';
import type { Evidence } from './tampers.ts';

export type Stage = {
  readonly client: Client;
  readonly people: People;
  readonly trust: Trust;
  readonly progress: (what: string) => void;
};

type Promoted = { readonly status: Status; readonly request: PromotionRequest };

export type Played = {
  readonly scenario: string;
  readonly title: string;
  readonly status: Status;
  readonly gate: Readonly<Record<string, { verdict: string; code: string }>>;
  readonly verified: boolean;
  readonly evidence: Evidence;
};

export async function play(stage: Stage, scenario: Scenario): Promise<Played> {
  let last: Promoted | undefined;
  for (const manifest of scenario.manifests) last = await promote(stage, scenario, manifest);
  if (last?.status.eventHash == null) throw new Error(`${scenario.name} ended without an event`);
  const event = last.status.eventHash as EventHash;
  const gate = {
    sandbox: await verdictOf(stage.client, 'sandbox', event, last.request),
    production: await verdictOf(stage.client, 'production', event, last.request),
  };
  const evidence = orThrow(await fetchEvidence(stage.client, event));
  const [key = ''] = evidence.files.keys();
  const { checks } = await verifyEvent(evidence.files.get(key) ?? new Uint8Array(), event, stage.trust, async (wanted) =>
    evidence.files.get(wanted),
  );
  const verified = checks.every((check) => check.ok);
  return {
    scenario: scenario.name,
    title: scenario.title,
    status: last.status,
    gate,
    verified,
    evidence: { ...evidence, key },
  };
}

async function promote(stage: Stage, scenario: Scenario, manifest: string): Promise<Promoted> {
  const { client, people, progress } = stage;
  progress(`${scenario.name}: ${manifest.split('/').at(-1)}`);
  const built = orThrow(await build(EXAMPLE, manifest, client));
  const { model } = built.request;
  const { requestId } = orThrow(await client.submit(built, () => undefined));
  let status = await settled(client, requestId);
  if (status.state === 'needsRationale') {
    progress(`${scenario.name}: erin writes why`);
    await people.writeRationale(requestId, `${model.name} ${model.version}`);
    status = await settled(client, requestId, ['voting', 'sealed']);
  }
  if (status.state === 'voting') {
    progress(`${scenario.name}: the people asked decide`);
    await people.approve(requestId);
    status = await settled(client, requestId, ['sealed']);
  }
  return { status, request: built.request };
}

async function verdictOf(
  client: Client,
  environment: string,
  event: string,
  { line, model: { root, manifest } }: PromotionRequest,
): Promise<{ verdict: string; code: string }> {
  const response = await client.fetch(`/gate/${environment}?${new URLSearchParams({ event, line, root, manifest })}`);
  const { verdict, code } = (await response.json()) as { verdict: string; code: string };
  return { verdict, code };
}

function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(problemText(result.problems));
}
