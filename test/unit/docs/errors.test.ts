import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS_PAGE, errorsPage } from '../../../docs/errors.ts';
import { CODES } from '../../../functions/domain/errors.ts';

describe('docs/errors.md', () => {
  it('is what the catalogue says; else run `npx node docs/errors.ts`', () => {
    expect(readFileSync(ERRORS_PAGE, 'utf8')).toBe(errorsPage());
  });

  it('names every code once', () => {
    const named = [...errorsPage().matchAll(/<a id="([A-Z_0-9]+)">/g)].map(([, code]) => code);
    expect(named).toEqual(CODES);
  });
});
