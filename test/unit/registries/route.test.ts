// POST /hooks/{registry}: one answer to everything that is wrong, and nothing is answered before it is stored.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMlflow } from '../../../functions/adapters/registries/mlflow.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { HintRow } from '../../../functions/domain/hint.ts';
import { blobKey } from '../../../functions/domain/vault-keys.ts';
import type { Connections } from '../../../functions/registry.ts';
import { appOf } from '../../support/app.ts';
import { requestedTag, type SentHook, signedHook } from '../../support/hooks.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const SECRET = 'a-secret-of-this-test-1';
const models = [{ model: 'pd', line: 'german-credit', aliases: { sandbox: 'champion' } }];
const registry = createMlflow({ name: 'mlflow', url: 'http://127.0.0.1:1', keys: { secrets: [SECRET] } });
const connections: Connections = new Map([['mlflow', { registry, models }]]);

let world: TestWorld;
beforeAll(async () => {
  world = await openWorld({ journal: true });
});
afterAll(() => world.close());

const send = (sent: SentHook, path = '/hooks/mlflow', more: Partial<TestWorld> = {}, heard = () => undefined) =>
  appOf({ ...world, ...more }, { connections, heard }).ask(path, { method: 'POST', body: sent.text, headers: sent.headers });

const good = (text = requestedTag('pd', '1', 'sandbox'), secret = SECRET, at: string = world.clock.now()) =>
  signedHook(text, secret, at);

describe('R66 the hook route', () => {
  it('answers every bad hook alike: 401 and the same body', async () => {
    const sent = good();
    const old = new Date(Date.parse(world.clock.now()) - 3_600_000).toISOString();
    const bad: [string, Promise<Response>][] = [
      ['forged', send(good(undefined, 'the secret of somebody else'))],
      ['replayed after an hour', send(good(undefined, SECRET, old))],
      ['truncated', send({ ...sent, text: sent.text.slice(0, -2) })],
      ['oversized', send(good('x'.repeat(300_000)))],
      ['without a signature', send({ ...sent, headers: {} })],
      ['signed, and no delivery', send(good('not JSON at all'))],
      ['encoded twice', send(good(JSON.stringify(requestedTag('pd', '1', 'sandbox'))))],
      ['of the type before entity and action', send(good('{"type":"model_version.created","data":{}}'))],
      ['of an unknown registry', send(sent, '/hooks/none')],
      ['of a name that is none', send(sent, '/hooks/..%2f..%2fpolicy')],
    ];
    const answers = await Promise.all(
      bad.map(async ([name, response]) => [name, (await response).status, await (await response).text()]),
    );
    const [, , body] = answers[0] ?? [];
    expect(answers).toEqual(bad.map(([name]) => [name, 401, body]));
    expect(await world.index.list('HINT#mlflow')).toEqual([]);
  });

  it('stores delivery and hint before it answers, without the token that came along', async () => {
    let woken = 0;
    const sent = good();
    const answer = await send(
      { ...sent, headers: { ...sent.headers, authorization: 'Bearer of-a-proxy' } },
      '/hooks/mlflow',
      {},
      () => {
        woken++;
        return undefined;
      },
    );
    expect(answer.status).toBe(202);
    const [row] = await world.index.list('HINT#mlflow');
    const { id } = HintRow.parse(row?.body);
    expect(await answer.json()).toEqual({ state: 'new', hint: id });
    const kept = new TextDecoder().decode(await world.vault.get(blobKey(id)));
    expect(kept).toContain(sent.headers['x-mlflow-signature']);
    expect(kept).not.toContain('of-a-proxy');
    expect(woken).toBe(1);
  });

  it('says 503 when it cannot store, so that the registry sends it again', async () => {
    const down = async (): Promise<never> => {
      throw new InfrastructureError('the disk is full', { retryable: true });
    };
    for (const more of [{ vault: { ...world.vault, putOnce: down } }, { index: { ...world.index, commit: down } }])
      expect((await send(good(), '/hooks/mlflow', more as unknown as Partial<TestWorld>)).status).toBe(503);
  });

  it('our own tags, aliases and the tags of others say nothing, and are not kept', async () => {
    const before = (await world.index.list('HINT#mlflow')).length;
    for (const key of ['countersign.event', 'countersign.outcome', 'note', 'Countersign.request'])
      expect(await (await send(good(requestedTag('pd', '1', 'sandbox', key)))).json()).toEqual({
        state: 'ignored',
        hint: null,
      });
    expect(await world.index.list('HINT#mlflow')).toHaveLength(before);
  });
});
