// R65 on the real server: people roll back and end what runs, and the alias follows what they sealed.
import { describe, expect, it } from 'vitest';
import { hidden } from '../support/server.ts';
import { inbox, type MlflowBench, PLACES, until, versionNow } from './bench.ts';

const { model: MODEL, line: LINE } = PLACES.generated;
const REASON = 'Complaints about refusals doubled since this version runs.';

/** After the versions 1 and 2 of the generated example: 2 has the alias. */
export function rollback(open: () => MlflowBench): void {
  describe('R65 a rollback on a real MLflow server', () => {
    /** Proposed by one on our pages, approved by the others after they read the screen. */
    const act = async (what: string, more: Readonly<Record<string, string>>, others: readonly string[]): Promise<void> => {
      const { server } = open();
      const olivia = await server.as('olivia');
      const csrf = hidden(await (await olivia.get(`/lines/${LINE}/sandbox/ledger`)).text(), 'csrf');
      const path = `/lines/${LINE}/sandbox/${what}`;
      const proposed = await olivia.post(path, { ...more, reason: REASON, csrf });
      const { act: id } = (await proposed.json()) as { act: string };
      for (const name of others) {
        const person = await server.as(name);
        const page = await (await person.get(`/acts/${id}`)).text();
        await person.get(`/acts/${id}/screen`);
        const approved = await person.post(`/acts/${id}/approve`, {
          csrf: hidden(page, 'csrf'),
          screen: hidden(page, 'screen'),
        });
        expect(approved.status, await approved.text()).toBe(200);
      }
    };
    const aliased = async (version: string) => (await versionNow(open(), MODEL, version)).aliases.includes('champion');

    it('moves the alias back at once, with no alarm; an end takes it away', async () => {
      const bench = open();
      expect([await aliased('1'), await aliased('2')]).toEqual([false, true]);
      const { tags } = await versionNow(bench, MODEL, '1');
      await act('rollback', { to: tags['countersign.event'] ?? '' }, ['dave']);
      await until(bench, 'the alias of version 1', () => aliased('1'), 5_000);
      expect(await aliased('2')).toBe(false);
      // What is asked for anew on every round is done already: MLflow is not written to, and nobody is alarmed.
      await bench.server.restart();
      expect(await inbox(bench)).not.toContain(`${MODEL} champion`);
      await act('archive', {}, ['alice', 'bob', 'carol']);
      await until(bench, 'no alias', async () => !(await aliased('1')), 5_000);
    }, 60_000);

    it('R21 what somebody sets by hand afterwards is an alarm', async () => {
      const bench = open();
      await bench.mlflow.api('POST', '/registered-models/alias', { name: MODEL, alias: 'champion', version: '2' });
      await bench.server.restart();
      await until(bench, 'the alarm', async () => (await inbox(bench)).includes(`${MODEL} champion`));
      expect(await aliased('2')).toBe(true);
    }, 60_000);
  });
}
