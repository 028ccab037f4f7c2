// What goes to a terminal and to nobody else.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { countersign } from '../../support/command.ts';

const ESCAPE = '\u001b';

/** The module decides once, when it is loaded. */
async function painted(terminal: boolean, noColor: string | undefined): Promise<string> {
  vi.resetModules();
  vi.stubEnv('NO_COLOR', noColor);
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('NODE_DISABLE_COLORS', undefined);
  vi.stubEnv('TERM', 'xterm-256color');
  const { stdout } = process;
  const [before, depth] = [stdout.isTTY, stdout.getColorDepth];
  Object.assign(stdout, { isTTY: terminal, getColorDepth: () => 8 });
  try {
    const { paint } = await import('../../../cli/output.ts');
    return paint('bold', 'text');
  } finally {
    Object.assign(stdout, { isTTY: before, getColorDepth: depth });
  }
}
afterEach(() => vi.unstubAllEnvs());

describe('colour', () => {
  it('stands on a terminal; not where NO_COLOR is set and not empty, and never off a terminal', async () => {
    expect(await painted(true, undefined)).toContain(ESCAPE);
    expect(await painted(true, '')).toContain(ESCAPE);
    expect(await painted(true, '1')).toBe('text');
    expect(await painted(false, undefined)).toBe('text');
  });
});

describe('off a terminal', () => {
  it.each([
    ['a table', ['rulebook']],
    ['a refusal', ['verify', 'docs']],
    ['wrong use', ['plan']],
    ['findings', ['doctor', '--data', 'nowhere']],
  ])('%s holds no escape code and rewrites no line, even where colour is forced', async (_, args) => {
    const { out, err } = await countersign(args, { FORCE_COLOR: '3', TERM: 'xterm-256color' });
    expect(out + err).not.toBe('');
    for (const sign of [ESCAPE, '\r', '\b']) expect(out + err).not.toContain(sign);
  });
});
