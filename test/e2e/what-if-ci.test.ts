// docs/ci/what-if.sh as a pull request runs it: a real repository with branches, the script and nothing else.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FIVE_MINUTES = 300_000; // each run builds two packs

type Ran = { exit: number; out: string; err: string };
type Report = { head: string; bump: { version: string }; blockers: { where: string }[]; counts: Record<string, number> };

let repo: string;

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const { PATH = '', HOME = '', XDG_CACHE_HOME } = process.env;
  const options = {
    cwd: repo,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH, HOME, ...(XDG_CACHE_HOME ? { XDG_CACHE_HOME } : {}), GIT_CONFIG_GLOBAL: '/dev/null', ...env },
  };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, out, err) => {
      const exit = error === null ? 0 : error.code;
      if (typeof exit === 'number') resolve({ exit, out, err });
      else reject(error);
    });
  });
}

async function git(...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=erin', '-c', 'user.email=erin@example.test', '-c', 'commit.gpgsign=false'];
  const { exit, out, err } = await run('git', [...who, ...args]);
  if (exit !== 0) throw new Error(`git ${args[0]}: ${err}`);
  return out.trim();
}

/** An author's change: the number, the table tests that name its boundary, and the pack built from them. */
async function branch(name: string, limit: number): Promise<void> {
  await git('checkout', '-q', '-b', name, 'main');
  await edit('policies/data/limits.json', /("score_reviewer_ppm": )100000/, `$1${limit}`);
  await edit(
    'policies/promotion/population/population_limits_test.rego',
    /(t\.at\("population", "score\/psi_ppm"\), )10000([01])\b/g,
    (_, start: string, over: string) => `${start}${limit + Number(over)}`,
  );
  const built = await run(process.execPath, ['policies/build.ts']);
  if (built.exit !== 0) throw new Error(built.err);
  await git('commit', '-q', '-a', '-m', name);
}

async function edit(file: string, from: RegExp, to: string | ((...found: string[]) => string)): Promise<void> {
  const path = join(repo, file);
  const before = await readFile(path, 'utf8');
  const after = before.replace(from, to as string);
  if (after === before) throw new Error(`nothing to change in ${file}`);
  await writeFile(path, after);
}

const whatIf = (env: Record<string, string> = {}) => run('sh', ['docs/ci/what-if.sh', 'main'], env);
const comment = () => readFile(join(repo, 'what-if', 'comment.md'), 'utf8');
const report = async () => JSON.parse(await readFile(join(repo, 'what-if', 'report.json'), 'utf8')) as Report;

beforeAll(async () => {
  repo = await mkdtemp(join(tmpdir(), 'countersign-ci-'));
  for (const part of ['cli', 'functions', 'policies', 'docs', 'package.json'])
    await cp(join(ROOT, part), join(repo, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(repo, 'node_modules'));
  await git('init', '-q', '-b', 'main');
  await writeFile(join(repo, '.git', 'info', 'exclude'), 'node_modules\nwhat-if\n');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'as it is');
  await branch('tightens', 80_000);
  await branch('loosens', 120_000);
}, FIVE_MINUTES);
afterAll(() => rm(repo, { recursive: true, force: true }));

describe('R35 R52 what-if on the pull request', () => {
  it(
    'a tighter limit: the sentence, one heavier promotion, nothing to answer for, and a page for the summary',
    async () => {
      await git('checkout', '-q', 'tightens');
      const summary = join(repo, 'what-if-summary.md');
      const { exit, out, err } = await whatIf({ GITHUB_STEP_SUMMARY: summary });
      expect(exit, err).toBe(0);
      expect(out).toContain('would re-route: 1 heavier');
      const text = await comment();
      expect(text.split('\n')[0]).toBe('<!-- countersign what-if -->');
      expect(text).toMatch(/\| `german-credit-pd \d+` \| medium \| automated → reviewer \|/);
      expect(text).toContain('`/limits/population/score_reviewer_ppm: 0.100000 → 0.080000`');
      expect(await readFile(summary, 'utf8')).toBe(text);
      expect((await report()).bump.version).toBe('minor');
      const html = await readFile(join(repo, 'what-if', 'report.html'), 'utf8');
      expect(html).toContain('<svg role="img"');
      expect(html).not.toMatch(/<script|https?:\/\//);
      await rm(summary);
    },
    FIVE_MINUTES,
  );

  it(
    'a looser limit: blocked until somebody else answers for it',
    async () => {
      await git('checkout', '-q', 'loosens');
      const blocked = await whatIf();
      expect(blocked.exit, blocked.err).toBe(2);
      expect(await comment()).toContain('#### Blocked');
      const { head, bump, blockers } = await report();
      expect(bump.version).toBe('major');
      expect(blockers.map(({ where }) => where)).toContain('/limits/population/score_reviewer_ppm');

      const covers = '/limits/population/score_reviewer_ppm';
      const reason = 'A year of retrains between the limits, all sound.';
      const entry = { covers, reason, author: 'erin', approver: 'dave', head };
      await writeFile(join(repo, 'policies', 'loosening.json'), JSON.stringify({ schema: 'loosening/v0', entries: [entry] }));
      const cleared = await whatIf({ AUTHOR: 'erin' });
      expect(cleared.exit, cleared.out).toBe(0);
      expect(await comment()).not.toContain('Blocked');
      await git('checkout', '-q', '--', '.');
    },
    FIVE_MINUTES,
  );

  it(
    'what could not be run never leaves an older comment standing',
    async () => {
      await git('checkout', '-q', 'tightens');
      await edit('policies/data/limits.json', /80000/, '70000');
      const { exit } = await whatIf();
      expect(exit).toBe(1);
      expect(await comment()).toMatch(/^<!-- countersign what-if -->\n### What-if could not be run/);
      await git('checkout', '-q', '--', '.');
    },
    FIVE_MINUTES,
  );

  it('a base that is neither a folder nor a commit is said plainly', async () => {
    const args = ['cli/main.ts', 'what-if', '--base', '--output=x', '--head', 'policies/dist', '--corpus', 'policies/golden'];
    expect(await run(process.execPath, args)).toMatchObject({ exit: 1 });
    args[3] = 'no-such-branch';
    expect(await run(process.execPath, args)).toMatchObject({
      exit: 1,
      err: 'no-such-branch is neither a folder nor a commit of this repository\n',
    });
  });
});

describe('docs/ci', () => {
  it('the workflow runs the script, names no secret and takes nothing of the branch into a command', async () => {
    const text = await readFile(join(ROOT, 'docs/ci/what-if.yml'), 'utf8');
    const runs = [...text.matchAll(/^\s+run: (.*)$/gm)].map(([, command]) => command);
    expect(runs).toEqual(['npm ci', 'docs/ci/what-if.sh']);
    expect(text).not.toMatch(/secrets\.|^\s*pull_request_target:/m);
    expect(text).toContain('Pin both actions to the full commit SHA');
  });
});
