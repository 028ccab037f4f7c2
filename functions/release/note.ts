// What the registry is told of a sealed event (R16): pointers to it, never the record itself.

import type { EventHash } from '../domain/digest.ts';
import { isAbsent, type Promotion } from '../domain/event/statement.ts';
import type { Wish } from '../domain/hint.ts';
import { invariant } from '../domain/result.ts';
import type { Note } from '../registry.ts';

/** `alias`: for what was approved and is active; any other end only gets its tags. */
export function noteOf(wish: Wish, event: EventHash, promotion: Promotion, alias: string | null): Note {
  invariant(alias === null || promotion.outcome === 'approved', 'only what was approved gets an alias');
  return {
    wish,
    event,
    requestId: promotion.requestId,
    outcome: promotion.outcome,
    path: isAbsent(promotion.routing) ? 'none' : promotion.routing.path,
    alias,
  };
}
