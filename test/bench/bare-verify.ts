// The bare sum beside `countersign verify --all --seals`: read, parse, hash and verify each envelope, with one key known before.
// No shape, no strict reading, no name of a key: what a script of an afternoon would do.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder = '', trust = ''] = process.argv;
const key = createPublicKey(JSON.parse(readFileSync(trust, 'utf8')).keys[0].spki);
for (const name of readdirSync(join(folder, 'events'))) {
  const { payload, payloadType, signatures } = JSON.parse(readFileSync(join(folder, 'events', name), 'utf8'));
  const bytes = Buffer.from(payload, 'base64');
  JSON.parse(bytes.toString());
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `), bytes]);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const good = verify('sha256', signed, key, Buffer.from(signatures[0].sig, 'base64'));
  if (!good || `${hash}.dsse.json` !== name) throw new Error(`${name} does not verify`);
}
