import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Digest } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import { parseBytes } from '../../domain/parse.ts';
import { Name } from '../../domain/text.ts';
import type { Production } from '../../ports.ts';

/** What some registry exported: an array of what it says is in production. */
const Aliases = z.array(z.strictObject({ line: Name, environment: Name, root: Digest })).max(100_000);

export const jsonRegistry = (path: string): Production => ({
  aliases: async () => {
    const parsed = parseBytes(Aliases, await readFile(path), { maxBytes: 64 * 1024 * 1024, maxDepth: 4 });
    if (parsed.ok) return parsed.value;
    const [first] = parsed.problems;
    throw new InfrastructureError(`${path} is no list of aliases: ${first?.pointer} ${first?.detail}`, { retryable: false });
  },
});
