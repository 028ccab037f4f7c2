import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionFor, SHELLS } from '../../../cli/completion.ts';
import { program } from '../../../cli/main.ts';
import { commandsOf } from '../../../cli/manual.ts';

const app = program(() => undefined);
const has = (shell: string) => spawnSync(shell, ['-c', ':']).error === undefined;

/** What bash offers when the cursor stands at the end of the last word. */
function offered(...words: string[]): string[] {
  const line = ['countersign', ...words].map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', `${completionFor('bash', app)}\n${asked}`], { encoding: 'utf8' });
  return out.split('\n').filter(Boolean);
}

describe.runIf(has('bash'))('completion in bash', () => {
  it('offers every command, and those of a group', () => {
    expect(offered('')).toEqual(app.commands.map((command) => command.name()));
    expect(offered('policy', '')).toEqual(['try', 'release', 'upload', 'status']);
    expect(offered('ver')).toEqual(['verifier', 'verify']);
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers every option of every command', () => {
    for (const { path, command } of commandsOf(app)) {
      const flags = command.options.map(({ long }) => long);
      expect(offered(...path.split(' '), '--'), path).toEqual([...flags, '--help']);
    }
  });

  it('leaves names of files to bash, and takes no value of an option for a command', () => {
    expect(offered('plan', '--manifest', '')).toEqual([]);
    expect(offered('plan', '')).toEqual([]);
    expect(offered('policy', 'try', '--pack', 'status', '--s')).toEqual(['--set']);
    expect(offered('serve', '--data', 'policy', '--d')).toEqual(['--data', '--demo']);
  });
});

describe('completion in every shell', () => {
  it.each(SHELLS)('%s: names every command and option, and the shell itself reads it where there is one', (shell) => {
    const script = completionFor(shell, app);
    for (const { path, command } of commandsOf(app)) {
      expect(script, path).toContain(` ${path}`);
      for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long);
    }
    if (has(shell)) expect(spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' }).stderr).toBe('');
  });
});
