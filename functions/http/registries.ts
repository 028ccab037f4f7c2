import { AlarmRow, hintKeys, MatchedRow, MovedRow, SoughtRow } from '../domain/hint.ts';
import type { DriveWorld } from '../packs.ts';
import { type Connections, mappedTo } from '../registry.ts';
import type { FromRegistries } from './pages/registries.ts';
import { seesToday } from './sees.ts';
import type { Session } from './session.ts';

type World = DriveWorld & { readonly connections?: Connections };

/** What of it this person may see: what belongs to a line of theirs, and what is of no line any more. */
export async function fromRegistries(world: World, session: Session): Promise<FromRegistries> {
  const shown = async (line: string | undefined) => line === undefined || (await seesToday(world, line, session));
  const lineOf = (registry: string, model: string) => {
    const connection = world.connections?.get(registry);
    return connection && mappedTo(connection.models, model)?.line;
  };
  const of = async <R>(pk: string, parse: (body: unknown) => R, line: (row: R) => string | undefined): Promise<R[]> => {
    const kept: R[] = [];
    for (const { body } of await world.index.list(pk)) {
      const row = parse(body);
      if (await shown(line(row))) kept.push(row);
    }
    return kept;
  };
  const wished = ({ wish }: { wish: SoughtRow['wish'] }) => lineOf(wish.registry, wish.model);
  const matched = await of(hintKeys.matchedPk, (body) => MatchedRow.parse(body), wished);
  return {
    sought: await of(hintKeys.soughtPk, (body) => SoughtRow.parse(body), wished),
    untold: matched.filter(({ problems }) => problems.length > 0),
    unmoved: (
      await of(
        hintKeys.movedPk,
        (body) => MovedRow.parse(body),
        ({ line }) => line,
      )
    ).filter(({ at }) => at === null),
    alarms: await of(
      hintKeys.alarmPk,
      (body) => AlarmRow.parse(body),
      ({ line }) => line,
    ),
  };
}
