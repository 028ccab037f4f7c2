// What is sealed of a freeze: that it was, that it ended, what was deployed meanwhile, and the canaries that said so (R23).
import { z } from 'zod';
import { EventHash } from './digest.ts';
import { Intent } from './intent.ts';
import { Instant, Name } from './text.ts';

const said = { reason: z.string().min(1).max(2000), at: Instant };

/** A record that says nothing but that one could be sealed. */
export const Canary = z.strictObject({ kind: z.literal('canary'), at: Instant });

/** `at`: since when nothing was decided. Sealed as soon as the store takes it again. */
export const Freeze = z.strictObject({ kind: z.literal('freeze'), ...said });

export const Thaw = z.strictObject({
  kind: z.literal('thaw'),
  freeze: EventHash,
  since: Instant,
  /** What was deployed on a signed intent meanwhile. */
  intents: z.array(EventHash),
  at: Instant,
});

/** A transition on somebody's signed word while the store was frozen. `at` is the intent's own time. */
export const IntentTransition = z.strictObject({
  kind: z.literal('intentTransition'),
  scope: z.strictObject({ line: Name, environment: Name }),
  from: EventHash.nullable(),
  /** What is active after it: the target, unless that was ended or taken back before the thaw. */
  to: EventHash.nullable(),
  previous: EventHash.nullable(),
  intent: Intent,
  /** The signed bytes, base64. */
  envelope: z.string(),
  /** When the gate allowed it. */
  allowedAt: Instant,
  at: Instant,
});
export type IntentTransition = z.infer<typeof IntentTransition>;
