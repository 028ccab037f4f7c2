// The witness as a function in an account of its own. It shares no store, key or right with the log that it watches.
import { randomInt, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { z } from 'zod';
import { dynamoDbClient, kmsClient } from '../adapters/aws/clients.ts';
import { DynamoDbIndex } from '../adapters/aws/dynamodb-index.ts';
import { openKmsSigner } from '../adapters/aws/kms-signer.ts';
import { systemClock } from '../adapters/local/clock.ts';
import { kept } from '../aws/stage.ts';
import { type NoteKey, noteKeyOf, parseVkey, SIGNATURE_TYPES, vkeyOf } from '../domain/log/note.ts';
import { createWitness } from '../http/witness.ts';
import type { WitnessWorld } from './add-checkpoint.ts';

const Environment = z.object({
  COUNTERSIGN_TABLE: z.string().min(1),
  COUNTERSIGN_WITNESS_KEY: z.string().min(1),
  COUNTERSIGN_WITNESS_NAME: z.string().min(1),
  COUNTERSIGN_CLASS: z.enum(['dev', 'prod']),
  /** vkeys of the logs it may cosign, one after the other. */
  COUNTERSIGN_LOGS: z.string().min(1),
});

const env = Environment.parse(process.env);
const Asked = z.strictObject({ kind: z.literal('vkey') });

const opened = kept(async (): Promise<WitnessWorld> => {
  const signer = await openKmsSigner(kmsClient(), {
    ...{ key: env.COUNTERSIGN_WITNESS_KEY, algorithm: 'ed25519', keyClass: env.COUNTERSIGN_CLASS },
  });
  // Rows are no copies of anything here: the table is the witness's memory, and is kept like one (infra/).
  const index = new DynamoDbIndex(dynamoDbClient(), {
    ...{ table: env.COUNTERSIGN_TABLE, random: () => randomInt(1_000_000) / 1_000_000, unique: randomUUID },
  });
  const key = noteKeyOf(env.COUNTERSIGN_WITNESS_NAME, SIGNATURE_TYPES.cosignature, signer.spki);
  return { index, clock: systemClock(), key, signer, logs: logsIn(env.COUNTERSIGN_LOGS) };
});

function logsIn(text: string): ReadonlyMap<string, readonly NoteKey[]> {
  const logs = new Map<string, NoteKey[]>();
  for (const vkey of text.split(' ')) {
    const key = parseVkey(vkey);
    if (!key.ok || key.value.type !== SIGNATURE_TYPES.note)
      throw new Error(`COUNTERSIGN_LOGS: ${vkey} is not the vkey of a log`);
    logs.set(key.value.name, [...(logs.get(key.value.name) ?? []), key.value]);
  }
  return logs;
}

/** Over HTTP the one call of c2sp.org/tlog-witness; by name, for its operator, its own vkey. */
export const handler = async (event: APIGatewayProxyEventV2, context: Context): Promise<unknown> => {
  const world = await opened();
  if (Asked.safeParse(event).success) return { vkey: vkeyOf(world.key) };
  return handle(createWitness(world))(event as unknown as LambdaEvent, context as never);
};
