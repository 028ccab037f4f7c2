// R66 what goes wrong between a real MLflow server and us: slow, restarted in the middle, delivering twice and in another order,
// and files overwritten between the request and the approval.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../cli/demo/server-process.ts';
import { requestedTag, signedHook } from '../support/hooks.ts';
import {
  approvedByPeople,
  ask,
  gate,
  inbox,
  type MlflowBench,
  openRequest,
  PLACES,
  requestsIn,
  SECRET,
  servedBy,
  status,
  until,
  versionNow,
  webhookTo,
} from './bench.ts';
import { logged } from './plain.ts';

/** More than the buffers of a connection hold, so that what is in the middle of a hash breaks off when the server goes. */
const PADDING = 12 * 1024 * 1024;
const RATE = 6_000_000;
/** The first version of the line's own scenario. */
const first = ({ model, line }: { model: string; line: string }) => ({
  ...{ model, line, example: 'v01' },
  scenario: `scenarios/${line.replace('german-credit-', '')}/1-v01.yaml`,
});

export function faults(open: () => MlflowBench): void {
  describe('R66 a real MLflow server that misbehaves', () => {
    it('restarted in the middle of a hash, then slow: nothing is frozen by half, and the next hook brings it through', async () => {
      const bench = open();
      const { throttle, server, mlflow } = bench;
      const padding = { path: 'padding.bin', bytes: randomBytes(PADDING) };
      const { model } = PLACES.slow;
      const { version } = await logged(bench, { ...first(PLACES.slow), more: [padding] });
      const before = await requestsIn(bench);
      const hook = async () => {
        const { headers, text } = signedHook(requestedTag(model, version, 'sandbox'), SECRET, new Date().toISOString());
        const start = performance.now();
        const answer = await fetch(`${server.baseUrl}/hooks/slow`, { method: 'POST', headers, body: text });
        expect(answer.status).toBe(202);
        return performance.now() - start;
      };
      const stalled = throttle.stall(PADDING / 16);
      await hook();
      await stalled;
      // Answered at once, however long the registry takes: it is stored first and looked into afterwards.
      expect(await hook()).toBeLessThan(2_000);
      await mlflow.restart();
      throttle.free();
      const told = await until(bench, 'the fault', async () =>
        server.logs.find(({ event, error }) => event === 'announce' && String(error).startsWith(`slow ${model}`)),
      );
      expect(told['error']).toMatch(/broke off|no answer|other/);
      throttle.slow(100, RATE);
      const start = performance.now();
      await hook();
      const id = await openRequest(bench, before);
      // Read once to hash and once to keep: as slow as the network, no faster.
      expect(performance.now() - start).toBeGreaterThan((1000 * 2 * PADDING) / RATE - 500);
      throttle.free();
      await until(bench, 'a path', async () => (await status(bench, id)).state === 'needsRationale');
      expect((await requestsIn(bench)).filter((one) => !before.includes(one))).toEqual([id]);
    }, 120_000);

    it('delivered twice and in another order: each delivery once, one request', async () => {
      const bench = open();
      const { mlflow, server, webhook } = bench;
      const { model } = PLACES.orders;
      const relay = await startRelay();
      await mlflow.api('PATCH', `/webhooks/${webhook}`, { status: 'DISABLED' });
      const second = await webhookTo(mlflow, relay.url);
      const { version } = await logged(bench, first(PLACES.orders));
      await ask(bench, model, version);
      await mlflow.api('DELETE', '/model-versions/delete-tag', { name: model, version, key: 'countersign.request' });
      await ask(bench, model, version);
      await until(bench, 'four deliveries', async () => relay.kept.length === 4);
      await mlflow.api('DELETE', `/webhooks/${second}`);
      await relay.close();
      await mlflow.api('PATCH', `/webhooks/${webhook}`, { status: 'ACTIVE' });
      const [created, set, deleted, again] = relay.kept;
      const before = await requestsIn(bench);
      const answers = [];
      for (const one of [deleted, again, set, created, again, set, deleted, created]) {
        const answer = await fetch(`${server.baseUrl}/hooks/mlflow`, {
          method: 'POST',
          headers: Object.entries(one?.headers ?? {}).flatMap(([name, value]) =>
            /^x-mlflow|^content-type$/.test(name) ? [[name, String(value)] as [string, string]] : [],
          ),
          body: one?.body ?? '',
        });
        expect(answer.status).toBe(202);
        answers.push((await answer.json()) as { state: string; hint: string | null });
      }
      expect(answers.map(({ state }) => state)).toEqual(
        ['ignored', 'new', 'new', 'ignored'].concat(['new', 'new', 'ignored', 'ignored']),
      );
      const hints = answers.map(({ hint }) => hint).filter((hint) => hint !== null);
      expect(hints.slice(2)).toEqual(hints.slice(0, 2));
      expect(new Set(hints).size).toBe(2);
      await openRequest(bench, before);
      await sleep(500);
      expect((await requestsIn(bench)).filter((one) => !before.includes(one))).toHaveLength(1);
    }, 60_000);

    it('R9a a run that says it learned from other rows than the request: refused by field, and nothing is announced', async () => {
      const bench = open();
      const before = await requestsIn(bench);
      const dataset = { name: 'evaluation-2026-q3', digest: 'f'.repeat(32), rows: 300 };
      const { version } = await logged(bench, { ...first(PLACES.orders), dataset });
      await ask(bench, PLACES.orders.model, version);
      await until(bench, 'the refusal', async () => (await inbox(bench)).includes('/dataset/2/digest REGISTRY_MISMATCH'));
      expect(await requestsIn(bench)).toEqual(before);
    }, 60_000);

    it('R4 overwritten between the request and the approval: approved is what was shown, and these bytes get no alias', async () => {
      const bench = open();
      const { model } = PLACES.orders;
      const before = await requestsIn(bench);
      const { version, at } = await logged(bench, {
        ...first(PLACES.orders),
        more: [{ path: 'note.txt', bytes: randomBytes(20) }],
      });
      await ask(bench, model, version);
      const id = await openRequest(bench, before);
      await bench.mlflow.put(`${at}/model/weights.json`, new TextEncoder().encode('{}'));
      await approvedByPeople(bench, id, `${model} ${version}`);
      const event = await until(bench, 'the seal', async () => (await status(bench, id)).eventHash ?? undefined);
      await until(bench, 'that it is told', async () => (await inbox(bench)).includes('the registry serves other bytes'));
      expect((await versionNow(bench, model, version)).aliases).toEqual([]);
      const names = ['config.json', 'note.txt', 'preprocessor.json', 'weights.json'];
      // MLflow serves no version of a run's own folder by name, so the files are read where they lie.
      const [, run = ''] = /([0-9a-f]{32})/.exec(at) ?? [];
      const served = await servedBy(bench, { run, folder: 'model' }, names);
      expect(await gate(bench, PLACES.orders, event, served)).toMatchObject({ verdict: 'deny', code: 'ARTEFACT_MISMATCH' });
    }, 60_000);
  });
}

type Kept = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** What MLflow really sent, kept instead of passed on. */
async function startRelay() {
  const kept: Kept[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      kept.push({ headers: req.headers, body });
      res.end();
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { url: `http://127.0.0.1:${port}/`, kept, close };
}
