// `timestamping.json` in a data folder: which authorities stamp its trees (RFC 3161). Without it none does.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createHttpTimestamper } from '../functions/adapters/local/http-timestamper.ts';
import { parseAuthority } from '../functions/domain/log/timestamp.ts';
import type { TimestampSource } from '../functions/log/timestamp.ts';
import { paths, UsageError } from './embedded.ts';

const Authorities = z.array(z.strictObject({ url: z.url(), certificate: z.string() }));

export async function readTimestamping(data: string): Promise<TimestampSource[]> {
  const file = paths(data).timestamping;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  return Authorities.parse(JSON.parse(text)).map(({ url, certificate }) => {
    const authority = parseAuthority(certificate);
    if (!authority.ok) throw new UsageError(`${file}: ${url}: ${authority.problems[0]?.detail}`);
    return { ...createHttpTimestamper(url, () => randomBytes(16)), authority: authority.value };
  });
}
