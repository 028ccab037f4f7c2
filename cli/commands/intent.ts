import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { systemClock } from '../../functions/adapters/local/clock.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { keyIdOf } from '../../functions/domain/crypto.ts';
import { envelopeBytes, preAuthEncoding } from '../../functions/domain/event/envelope.ts';
import { INTENT_TYPE, Intent } from '../../functions/domain/intent.ts';
import { parseValue } from '../../functions/domain/parse.ts';
import { EXIT, type Exit, say } from '../output.ts';
import { refuse } from './context.ts';

type Flags = {
  readonly line: string;
  readonly environment: string;
  readonly reason: string;
  readonly by: string;
  readonly key: string;
  readonly out: string;
};

export async function intent(target: string, { by, key: path, out, ...place }: Flags): Promise<Exit> {
  const [, iss, sub] = /^(.+),([^,]+)$/.exec(by) ?? [];
  const authoriser = { kind: 'person', iss, sub };
  const at = systemClock().now();
  const parsed = parseValue(Intent, { schema: 'deploy-intent/v0', ...place, target, authoriser, at });
  if (!parsed.ok) return refuse(parsed.problems);
  const key = createPrivateKey(await readFile(path));
  const spki = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const payload = canonicalBytes(parsed.value);
  const signature = new Uint8Array(sign('sha256', preAuthEncoding(payload, INTENT_TYPE), key));
  await writeFile(out, envelopeBytes(payload, keyIdOf(spki), signature, INTENT_TYPE));
  say(`${out}: signed by key ${keyIdOf(spki).slice(0, 16)}…, for this freeze only`);
  return EXIT.yes;
}
