// All three engines, for the adapters: keys and queues on MiniStack, Object Lock on versitygw, conditions on DynamoDB Local.
import type { Place } from '../../../functions/adapters/aws/clients.ts';
import { startDynamodbLocal } from './dynamodb-local.ts';
import { startMinistack } from './ministack.ts';
import { placeAt, versitygwAt } from './stores.ts';
import { startVersitygw } from './versitygw.ts';

/** The first time they are installed. */
export const ENGINES_COLD_MS = 400_000;

export type Places = Readonly<Record<'ministack' | 'versitygw' | 'dynamodb', Place>>;
export type Engines = { readonly places: Places; readonly stop: () => Promise<void> };

export async function startEngines(): Promise<Engines> {
  const [ministack, versitygw, dynamodb] = await Promise.all([startMinistack(), startVersitygw(), startDynamodbLocal()]);
  return {
    places: { ministack: placeAt(ministack.url), versitygw: versitygwAt(versitygw.url), dynamodb: placeAt(dynamodb.url) },
    stop: async () => void (await Promise.all([ministack, versitygw, dynamodb].map((engine) => engine.stop()))),
  };
}
