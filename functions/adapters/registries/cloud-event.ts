// What an in-house registry sends when a version asks for an environment: a CloudEvent 1.0 (structured JSON), signed as Standard
// Webhooks 1.0.0 say. Id and source are ours to read; where the bytes lie is the adapter's business, never the event's.
import { z } from 'zod';
import type { HookKeys, RawHook } from '../../domain/hook.ts';
import { BAD_HOOK, verifyHook } from '../../domain/hook.ts';
import { parseBytes } from '../../domain/parse.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { type Instant, Label, Name } from '../../domain/text.ts';
import type { Heard } from '../../registry.ts';

const REQUESTED_TYPE = 'dev.countersign.promotion.requested';

const Requested = z.looseObject({
  specversion: z.literal('1.0'),
  id: Label,
  source: Label,
  type: z.string(),
  data: z.unknown(),
});
const Data = z.strictObject({ model: Label, version: Label, environment: Name });

export function verifyCloudEvent(registry: string, keys: HookKeys, raw: RawHook, at: Instant): Result<Heard> {
  const delivery = verifyHook('standard', raw, keys, Date.parse(at));
  if (!delivery.ok) return delivery;
  const event = parseBytes(Requested, raw.body);
  if (!event.ok) return fail(BAD_HOOK);
  const data = Data.safeParse(event.value.data);
  // source and id name an event once (CloudEvents 1.0, §3.1), whatever ids its deliveries have.
  const id = `${event.value.source} ${event.value.id}`;
  if (event.value.type !== REQUESTED_TYPE || !data.success) return ok({ delivery: id, kind: 'nothing' });
  return ok({ delivery: id, kind: 'request', wish: { registry, ...data.data } });
}
