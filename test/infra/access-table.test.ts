import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { written } from '../../docs/aws-access.ts';

it('the table of who may do what is that of the templates (`npx node docs/aws-access.ts` writes it)', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'aws.md'), 'utf8');
  expect(page).toBe(written(page));
});
