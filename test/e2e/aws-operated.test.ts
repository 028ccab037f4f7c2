// The same stacks with every role enforced: each call of each function is held against the policies of its role, of the keys and of
// the bucket. What operators meet: a registry that calls, a freeze, a time that runs out, a key that is switched off, a lost table.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { build } from '../../cli/commands/plan.ts';
import { type Bank, openBank } from '../support/aws/bank.ts';
import { deploy } from '../support/aws/deploy.ts';
import { COLD_MS } from '../support/aws/engine.ts';
import { championOf, HOOK_SECRET, inHouse, log, shelve } from '../support/aws/in-house.ts';
import { ended, queueOf, until } from '../support/aws/machine.ts';
import { emptyTable } from '../support/aws/tables.ts';
import { cloudEvent } from '../support/hooks.ts';
import { EXAMPLE } from '../support/promote.ts';
import { approved } from '../support/server.ts';

const LINE = 'german-credit-01-in-band-retrain';
// Two cores, and the account, its functions and a deploy on them.
vi.setConfig({ testTimeout: 240_000 });

const scenario = (name: string) => `scenarios/${name}.yaml`;

let shelf: string;
let bank: Bank;

beforeAll(async () => {
  shelf = await mkdtemp(join(tmpdir(), 'countersign-shelf-'));
  const say = (line: string) => void process.stderr.write(`  aws, roles enforced: ${line}\n`);
  // Where the machine pauses a minute it pauses three seconds.
  const environment = { SFN_WAIT_SCALE: '0.05' };
  bank = await openBank(await deploy({ say, enforceRoles: true, registries: inHouse(shelf, LINE), environment }));
}, COLD_MS);
afterAll(async () => {
  await bank?.close();
  await rm(shelf, { recursive: true, force: true });
});

const sweep = (event: unknown = {}) => bank.at.invoke('Sweep', event);
const health = async () =>
  ((await (await fetch(`${bank.at.baseUrl}/healthz`)).json()) as { store: { state: string } }).store.state;

/** The schedule comes once a minute; here it comes at once, and again. */
const swept = (what: string, done: () => Promise<boolean>) =>
  until(
    what,
    async () => {
      await sweep();
      return (await done()) ? true : undefined;
    },
    120,
  );

describe('R25 least privilege, enforced', () => {
  it('a committee decides, and a registry that calls gets an automated promotion and its alias', async () => {
    // What a registry keeps is believed of no caller: the files must lie there.
    await shelve(shelf, '1', 'versions/v01/model');
    await approved(bank, scenario('01-in-band-retrain/1-v01'));
    const built = await build(EXAMPLE, scenario('01-in-band-retrain/2-v02'), bank.client);
    if (!built.ok) throw new Error(JSON.stringify(built.problems));
    await shelve(shelf, '2', 'versions/v02/model');
    await log(shelf, built.value);
    const call = (secret: string) => {
      const hook = { model: 'german-credit-pd', version: '2', environment: 'sandbox' };
      const { text, headers } = cloudEvent(hook, secret, new Date().toISOString());
      return fetch(`${bank.at.baseUrl}/hooks/shelf`, { method: 'POST', body: text, headers });
    };
    expect((await call('a-secret-of-somebody-else')).status).toBe(401);
    expect((await call(HOOK_SECRET)).status).toBe(202);
    await swept('the alias is set', async () => (await championOf(shelf)) === '2');
    const baselines = await bank.client.baselines(LINE, 'sandbox');
    expect(baselines.ok && baselines.value.incumbent?.modelRoot).toBe(built.value.request.model.root);
  });
});

describe('R23 operators', () => {
  it('frozen by hand: no new request and no seal, votes are kept; let go, all goes on', async () => {
    const { status } = await bank.asked(scenario('04-feature-dropped/1-v01'));
    expect(await sweep({ kind: 'freeze', reason: 'an exercise of this test' })).toMatchObject({ state: 'FROZEN' });
    const refused = await bank.client.fetch('/requests', { method: 'POST', body: '{}' });
    expect(refused.status).toBe(503);
    expect(await bank.people.approve(status.requestId)).toBe(3);
    await sweep({ kind: 'release', reason: 'the exercise is over' });
    await swept('it is thawed', async () => (await health()) === 'HEALTHY');
    expect(await bank.until(status.requestId, 'sealed')).toMatchObject({ outcome: 'approved', votes: 3 });
  });

  it('a key that is switched off: decided and not sealed, no gate opens; switched on again, it is sealed', async () => {
    const kms = new KMSClient(bank.at.account);
    const KeyId = bank.at.output('SealKeyArn');
    const { status, ...asked } = await bank.asked(scenario('05-feature-new-source/1-v01'));
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await bank.people.approve(status.requestId)).toBe(3);
    expect(await bank.until(status.requestId, 'decided')).toMatchObject({ eventHash: null });
    expect((await bank.gate({ status, ...asked }, `sha256:${'0'.repeat(64)}`)).status).not.toBe(200);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await swept('it is sealed', async () => (await bank.status(status.requestId)).state === 'sealed');
    expect(await bank.until(status.requestId, 'sealed')).toMatchObject({ outcome: 'approved', votes: 3 });
  });

  it('R14 a table that lost its rows is made again from the vault, and answers as before', async () => {
    const asked = () => bank.client.baselines(LINE, 'sandbox');
    const before = await asked();
    expect(await emptyTable(bank.at)).toBeGreaterThan(50);
    await sweep();
    expect(await asked()).toEqual(before);
  });

  // Last but one: the clock of a process that runs never goes back.
  it('expires: the timer runs out, nobody approved, and a late vote is 410', async () => {
    const { status } = await bank.asked(scenario('03-feature-known-family/1-v01'));
    const id = status.requestId;
    const late = await bank.ballot('alice', id);
    const expiresAt = Date.parse(String(status['expiresAt']));
    await bank.at.ahead(expiresAt - Date.now() - 6_000);
    // Somebody looks at it seconds before its time is over; from then on only the timer counts.
    await (await queueOf(bank.at, /WakesQueue/)).send(JSON.stringify({ request: id }));
    expect(await bank.until(id, 'sealed')).toMatchObject({ outcome: 'expired', votes: 0 });
    expect((await ended(bank.at, id)).errors).toEqual(['States.Timeout']);
    expect((await bank.send('alice', id, late)).status).toBe(410);
  });

  it('no call of any function was refused for a right that it lacks', async () => {
    const lines = await bank.at.lines();
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => /AccessDenied|not authorized/.test(line))).toEqual([]);
  });
});
