import { z } from 'zod';
import { DIMENSIONS } from './diff.ts';
import { Digest } from './digest.ts';
import { Label, Name } from './text.ts';

export const PATHS = ['automated', 'reviewer', 'committee'] as const;
export const Path = z.enum(PATHS);
export type Path = z.infer<typeof Path>;

const Pointer = z
  .string()
  .regex(/^(\/([^~/]|~0|~1)*)*$/, 'expected an RFC 6901 pointer')
  .max(1000);
const Figure = z.union([z.int(), z.string().max(500), z.null()]);
const Unit = z.enum(['ppm', 'count', 'days', 'text', 'none']);
/** `engine`: what no rule decided but the machinery did (POL-*). */
const DimensionOrEngine = z.enum([...DIMENSIONS, 'engine']);

/** One rule that fired. `minPath: automated` is recorded and decides nothing. */
export const Finding = z.strictObject({
  code: z.string().regex(/^[A-Z]{3}-\d{3}$/),
  dimension: DimensionOrEngine,
  pointer: Pointer,
  observed: Figure,
  limit: Figure,
  unit: Unit,
  minPath: Path,
});
export type Finding = z.infer<typeof Finding>;

/** One rule that was measured and did not fire, with how far it was from firing. */
const Headroom = z.strictObject({ code: Finding.shape.code, pointer: Pointer, observed: Figure, limit: Figure, unit: Unit });
export type Headroom = z.infer<typeof Headroom>;

export const Group = z.strictObject({ role: Name, min: z.int().min(1).max(20), from: Name });
export type Group = z.infer<typeof Group>;

/** What the Wasm pack answers; the adapter checks it strictly and adds the digests. */
export const Decision = z.strictObject({
  schema: z.literal('decision/v0'),
  path: Path,
  findings: z.array(Finding).max(20_000),
  cleared: z.array(z.strictObject({ dimension: z.enum(DIMENSIONS), headroom: z.array(Headroom).max(20_000) })),
  notJudged: z
    .array(z.strictObject({ dimension: z.enum(DIMENSIONS), what: z.string().max(500), n: z.int(), minimum: z.int() }))
    .max(20_000),
  holds: z.array(z.strictObject({ code: Finding.shape.code, artefact: Label, pointer: Pointer })),
  groups: z.array(Group),
  separation: z.strictObject({
    excludeRequester: z.literal(true),
    distinctPersons: z.literal(true),
    excludeReleaser: z.literal(true),
  }),
  obligations: z.array(z.strictObject({ code: Finding.shape.code })),
  expiresAfterDays: z.int().min(1).max(365),
  // What packs from before decision 0021 do not say, they do not ask for.
  /** How old, at most, the sign-in of whoever decides is. */
  stepUpMinutes: z.int().min(1).max(1440).optional(),
  /** When an answer is late, and who (`role@committee`) is shown it then. */
  sla: z
    .strictObject({ respondWithinHours: z.int().min(1).max(8760), escalateTo: z.array(z.string().max(401)).max(200) })
    .optional(),
});
export type Decision = z.infer<typeof Decision>;

/** The routing as sealed: no duration, no commit, no date inside, so the same input and pack give the same bytes. */
export const Routing = Decision.extend({
  schema: z.literal('routing/v0'),
  input: z.unknown(),
  inputDigest: Digest,
  pack: Digest,
  wasm: Digest,
  data: Digest,
  rulebook: Digest,
});
export type Routing = z.infer<typeof Routing>;

export const heaviest = (paths: readonly Path[]): Path =>
  paths.reduce<Path>((worst, path) => (PATHS.indexOf(path) > PATHS.indexOf(worst) ? path : worst), 'automated');
