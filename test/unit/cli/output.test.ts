import { describe, expect, it } from 'vitest';
import { checkLine } from '../../../cli/output.ts';
import type { Predicate } from '../../../functions/domain/event/statement.ts';
import { unprovenOf } from '../../../functions/domain/event/unproven.ts';

describe('what a check prints', () => {
  it('R18 stays within 100 columns, and goes on beside its label', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const lines = checkLine({ name: 'artefact', ok: false, detail: `approved was ${digest}, offered is ${digest}` }).split(
      '\n',
    );
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.every((line) => line.length <= 100)).toBe(true);
    expect(lines.slice(1).every((line) => /^ {18}\S/.test(line))).toBe(true);
  });

  it('R18 does not say that there is no log, beside a check of the log', () => {
    const said = unprovenOf({ kind: 'start' } as Predicate).join('\n');
    expect(said).toContain('watches it from outside');
    expect(said).not.toContain('no public log');
  });
});
