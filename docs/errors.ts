// Writes docs/errors.md from the catalogue, so that the page cannot say other codes than the product.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CODES, entryOf } from '../functions/domain/errors.ts';

export const ERRORS_PAGE = join(import.meta.dirname, 'errors.md');

const HEAD = `# Errors

One catalogue, \`functions/domain/errors.ts\`. The same code stands in logs, HTTP bodies, sealed records and on the command line. A
code is never given another meaning. This page is generated: \`npx node docs/errors.ts\`.

Over HTTP a refusal is an RFC 9457 problem document with \`code\`, and with \`problems\`: each with a code, an RFC 6901 pointer into
what was sent, and a detail. Its \`type\`, \`https://countersign.dev/errors#CODE\`, is the row of that code below. All that is wrong is
named at once. On the command line the exit code is 0 yes or done, 1 wrong use or
a bug, 2 refused or denied, 3 cannot tell (treat as refused), 4 sign-in needed.

Findings of the policy (\`POP-002\`, \`FEA-003\` …) are not errors; their texts are in the pack's rule book.
`;

/** One row per code, in the order of the catalogue. The anchors are what `type` of a problem document points at. */
export function errorsPage(): string {
  const rows = CODES.map(entryOf).map(
    ({ code, status, title, remedy }) => `| <a id="${code}"></a>\`${code}\` | ${status} | ${cell(title)} | ${cell(remedy)} |`,
  );
  return `${HEAD}\n| code | HTTP | what | what to do |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

if (import.meta.main) await writeFile(ERRORS_PAGE, errorsPage());
