import type { EventHash } from './domain/digest.ts';
import type { IntentTransition } from './domain/freeze.ts';
import { keys } from './domain/rows.ts';
import { headOn } from './heads.ts';
import type { World, Write } from './ports.ts';
import { factsOfRecord } from './seal/facts.ts';
import type { Consequences } from './seal/record.ts';
import { readHead } from './store.ts';

/**
 * What becomes true with a record that is sealed at once, by its kind. Whatever stands against a line is written together with
 * the head's row: an approval that was decided without having seen it finds the row moved, and looks again.
 */
export const consequencesOf: Consequences = async (world, predicate, event) => {
  if (predicate.kind === 'intentTransition') return moves(world, predicate, event);
  if (predicate.kind !== 'driftFinding' && predicate.kind !== 'suspension') return [];
  const { line, environment } = predicate;
  const key =
    predicate.kind === 'driftFinding'
      ? keys.drift(line, environment, event)
      : keys.suspension(line, environment, predicate.previous);
  const { head, revision } = await readHead(world.index, line, environment);
  const stands: Write = { kind: 'fact', key, body: { event } };
  return [stands, { kind: 'register', key: keys.head(line, environment), body: head, expected: revision }];
};

/** The head was reserved before the record was frozen, so nobody else moved it. */
async function moves(world: World, predicate: IntentTransition, event: EventHash): Promise<Write[]> {
  const { scope, to } = predicate;
  const { line, environment } = scope;
  const { revision } = await readHead(world.index, line, environment);
  const body = await headOn(world, scope, to, event);
  return [
    ...factsOfRecord(predicate, event),
    { kind: 'register', key: keys.head(line, environment), body, expected: revision },
  ];
}
