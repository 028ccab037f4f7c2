// Exit codes of design §9, command by command, each against a server that answers what the case says.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeEvidence } from '../../../cli/commands/evidence-folder.ts';
import { exitsOf } from '../../../cli/help.ts';
import { main, program } from '../../../cli/main.ts';
import { commandsOf } from '../../../cli/manual.ts';
import { type Code, entryOf } from '../../../functions/domain/errors.ts';
import { evidenceOf, trustIn } from '../../support/evidence.ts';
import { EXAMPLE, manifestAt, promote } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const EVENT = `sha256:${'a'.repeat(64)}`;
const WHERE = ['--environment', 'production'];
const WHY = ['--reason', 'The product it decides for is closed.'];
const MANIFEST = ['--manifest', 'scenarios/12-no-incumbent/1-v01.yaml'];

/** Commands that ask a server, with what they need beside `--server`. */
const ASKING: Readonly<Record<string, readonly string[]>> = {
  plan: [EXAMPLE, ...MANIFEST],
  request: [EXAMPLE, ...MANIFEST],
  show: [EVENT],
  export: [EVENT, '--out', 'never-written'],
  archive: ['credit', 'production', ...WHY],
  'let-pass': ['req-cbg576vc2nithryw4bztogh6mb'],
  stats: [],
  rulebook: [],
  line: ['credit', ...WHERE],
  suspend: ['credit', ...WHERE, ...WHY],
  resume: ['credit', ...WHERE, ...WHY],
  ledger: ['credit', ...WHERE],
  rollback: ['credit', ...WHERE, ...WHY, '--to', EVENT],
  revoke: ['credit', ...WHERE, ...WHY, '--event', EVENT],
  'break-glass': ['credit', ...WHERE, ...WHY, '--root', EVENT, '--manifest', EVENT, '--hours', '24'],
  'keys accuse': ['a'.repeat(64), '--since', '2026-11-21T09:30:00.000Z'],
  'policy upload': ['RELEASE'],
  'policy status': [],
};
const ASKED = Object.keys(ASKING);
const GATE = ['gate', EVENT, '--line', 'credit', ...WHERE, '--root', EVENT, '--manifest', EVENT];

let world: TestWorld;
let folder: string;
let server: Server;
let address: string;
/** What the server says: a code of the catalogue, or a verdict of the gate with its status. */
let says: Code | readonly [number, string] = 'NOT_FOUND';

beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), 'countersign-exits-'));
  const evidence = await evidenceOf(world, await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml')));
  await writeEvidence(join(folder, 'good'), evidence.event, evidence.files);
  await writeEvidence(
    join(folder, 'bad'),
    evidence.event,
    new Map([...evidence.files].filter(([key]) => !key.startsWith('votes/'))),
  );
  await writeFile(join(folder, 'trust.json'), JSON.stringify(trustIn(world)));
  await writeFile(join(folder, 'manifest.json'), '{}');
  server = createServer((request, response) => {
    // The page whose form a person's own command sends.
    if (request.headers.accept?.includes('text/html'))
      return response.end('<form><input type="hidden" name="csrf" value="c"></form>');
    if (typeof says !== 'string') {
      const [status, verdict] = says;
      response.writeHead(status, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ verdict, code: 'OK', eventHash: EVENT, checks: [] }));
    }
    const { code, status } = entryOf(says);
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    return response.end(JSON.stringify({ code, status, problems: [{ code, pointer: '', detail: 'said the test' }] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
  await world.close();
});

beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  for (const name of ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET']) vi.stubEnv(`COUNTERSIGN_${name}`, undefined);
  vi.stubEnv('COUNTERSIGN_TOKEN', 'a-token');
  vi.stubEnv('COUNTERSIGN_SESSION', 'a-session');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Runs it and holds what comes to what the command's page says. */
async function exitOf(command: string, more: readonly string[]): Promise<number> {
  const exit = await main([...command.split(' '), ...more.map((one) => (one === 'RELEASE' ? folder : one))]);
  expect(Object.keys(exitsOf(command)), `${command}: ${exit} stands on its page`).toContain(String(exit));
  return exit;
}
const asking = (command: string, at = address) => exitOf(command, [...(ASKING[command] ?? []), '--server', at]);

describe('every command', () => {
  const all = commandsOf(program(() => undefined)).map(({ path }) => path);

  it.each(all)('%s: 1 for an option that nobody knows, 0 for --help', async (command) => {
    expect(await exitOf(command, ['--no-such-option'])).toBe(1);
    expect(await exitOf(command, ['--help'])).toBe(0);
  });

  it('each that takes --server stands in the table of this test', () => {
    const takes = commandsOf(program(() => undefined)).filter(({ command }) =>
      command.options.some(({ long }) => long === '--server'),
    );
    expect(takes.map(({ path }) => path).sort()).toEqual([...ASKED, 'gate'].sort());
  });
});

describe('a command that asks a server', () => {
  it.each(ASKED)('%s: 2 when the server refuses', async (command) => {
    says = 'NOT_YOURS';
    expect(await asking(command)).toBe(2);
  });

  it.each(ASKED)('%s: 3 when the server cannot tell, and when nobody answers', async (command) => {
    says = 'CANNOT_TELL';
    expect(await asking(command)).toBe(3);
    expect(await asking(command, 'http://127.0.0.1:1')).toBe(3);
  });

  it.each(ASKED)('%s: 4 when the token is not taken, and when there is none', async (command) => {
    says = 'UNAUTHENTICATED';
    expect(await asking(command)).toBe(4);
    vi.stubEnv('COUNTERSIGN_TOKEN', undefined);
    vi.stubEnv('COUNTERSIGN_SESSION', undefined);
    expect(await asking(command)).toBe(4);
  });

  it.each(ASKED)('%s: 1 for an address that is none', async (command) => {
    expect(await asking(command, 'nonsense')).toBe(1);
  });
});

describe('gate', () => {
  it.each([
    [200, 'allow', 0],
    [403, 'deny', 2],
    [503, 'unknown', 3],
    [503, 'allow', 3],
    [200, 'deny', 2],
    [200, 'perhaps', 3],
  ] as const)('%i %s is %i', async (status, verdict, exit) => {
    says = [status, verdict];
    const [command = '', ...more] = GATE;
    expect(await exitOf(command, [...more, '--server', address])).toBe(exit);
  });

  it('3 when nobody answers', async () => {
    const [command = '', ...more] = GATE;
    expect(await exitOf(command, [...more, '--server', 'http://127.0.0.1:1'])).toBe(3);
  });
});

describe('a command over exported files', () => {
  const trust = () => ['--trust', join(folder, 'trust.json')];

  it.each(['verify', 'replay', 'screen', 'dispute'])('%s: 1 for a folder that is no event', async (command) => {
    expect(await exitOf(command, [EXAMPLE, ...trust()])).toBe(1);
  });

  it.each(['verify', 'replay', 'dispute'])('%s: 3 without trust', async (command) => {
    expect(await exitOf(command, [join(folder, 'good')])).toBe(3);
  });

  it('verify: 0 for what verifies, 2 for what does not', async () => {
    expect(await exitOf('verify', [join(folder, 'good'), ...trust()])).toBe(0);
    expect(await exitOf('verify', [join(folder, 'bad'), ...trust()])).toBe(2);
  });
});
