// All there is of one request in the index, and what follows from it.
import type { z } from 'zod';
import type { Fact } from './flow.ts';
import {
  ComparisonRow,
  DecisionRow,
  RationaleRow,
  RequestRow,
  RoutingRow,
  ScreenRow,
  SealRow,
  ServedRow,
  VoteRow,
} from './rows.ts';
import { type Instant, laterOf } from './text.ts';

/** All rows of one request, parsed. */
export type Dossier = {
  readonly request: RequestRow;
  readonly comparison?: z.infer<typeof ComparisonRow>;
  readonly routing?: z.infer<typeof RoutingRow>;
  readonly rationale?: RationaleRow;
  readonly screen?: ScreenRow;
  readonly served: readonly z.infer<typeof ServedRow>[];
  readonly votes: readonly VoteRow[];
  readonly decision?: DecisionRow;
  readonly seal?: SealRow;
};

/** The facts a dossier holds, in the order in which they can have been written. */
export function factsOf(dossier: Dossier): Fact[] {
  const facts: Fact[] = [];
  if (dossier.comparison) facts.push('compared');
  if (dossier.routing) facts.push(routedFact(dossier.routing));
  if (dossier.rationale) facts.push('rationaleGiven');
  if (dossier.screen) facts.push('screenStored');
  if (dossier.decision) facts.push('decided');
  if (dossier.seal) facts.push('sealed');
  return facts;
}

const routedFact = ({ path, onCall }: z.infer<typeof RoutingRow>): Fact =>
  path !== 'automated' ? 'routedToPeople' : onCall ? 'routedToOnCall' : 'routedToPolicy';

/** The latest instant a dossier holds. */
export function latestOf({ request, comparison, routing, rationale, screen, served, votes, decision }: Dossier): Instant {
  const later = [
    comparison?.comparedAt,
    routing?.routedAt,
    rationale?.at,
    screen?.storedAt,
    ...served.map(({ servedAt }) => servedAt),
    ...votes.map(({ castAt }) => castAt),
    decision?.decidedAt,
  ];
  return later.reduce<Instant>((latest, at) => (at === undefined ? latest : laterOf(at, latest)), request.receivedAt);
}

/** Puts a request's rows together; undefined when there is no such request. */
export function dossierOf(rows: readonly { key: { sk: string }; body: unknown }[]): Dossier | undefined {
  const named = <S extends z.ZodType>(sk: string, schema: S): z.infer<S> | undefined => {
    const row = rows.find((candidate) => candidate.key.sk === sk);
    return row === undefined ? undefined : schema.parse(row.body);
  };
  const all = <S extends z.ZodType>(prefix: string, schema: S): z.infer<S>[] =>
    rows.filter((row) => row.key.sk.startsWith(prefix)).map((row) => schema.parse(row.body));
  const request = named('request', RequestRow);
  if (request === undefined) return undefined;
  const optional = {
    comparison: named('comparison', ComparisonRow),
    routing: named('routing', RoutingRow),
    rationale: named('rationale', RationaleRow),
    screen: named('screen', ScreenRow),
    decision: named('decision', DecisionRow),
    seal: named('seal', SealRow),
  };
  const present = Object.fromEntries(Object.entries(optional).filter(([, row]) => row !== undefined));
  return { request, served: all('served#', ServedRow), votes: all('vote#', VoteRow), ...present };
}
