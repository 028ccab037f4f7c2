// What people do together beside promotions, and the ledger of what came of it.
import type { Code } from '../../domain/errors.ts';
import { JSON_CODES, type Operation, PROSE_CODES } from './operation.ts';
import { actId, asOf, place } from './parameters.ts';
import type { SchemaName } from './schemas.ts';

const SHA = `sha256:${'7b1a'.repeat(16)}`;
const reason = 'The product this model decides for is closed.';

const proposal = (
  path: string,
  summary: string,
  name: 'Archive' | 'Rollback' | 'Revocation' | 'BreakGlass',
  example: object,
): Operation => ({
  method: 'post',
  path: `/lines/:line/:environment/${path}`,
  summary,
  by: 'anybody',
  params: place,
  bodies: [
    { type: 'application/json', schema: `${name}Wish` satisfies SchemaName, example: { reason, ...example } },
    {
      type: 'application/x-www-form-urlencoded',
      schema: `${name}Form` satisfies SchemaName,
      // A form says everything as text.
      example: Object.fromEntries(
        Object.entries({ reason, ...example, csrf: 'of the page' }).map(([k, said]) => [k, String(said)]),
      ),
    },
  ],
  answers: { 202: { what: 'its people are asked; proposed again while it waits, the same', schema: 'ActProposed' } },
  codes: [...JSON_CODES, ...PROSE_CODES, ...WISH_CODES],
});

const WISH_CODES: readonly Code[] = [
  'FORM_NOT_OURS',
  'NOT_FOUND',
  'NOT_YOURS',
  'PERSON_ONLY',
  'NOT_WAITING',
  'STALE_COMPARISON',
  'NOT_APPROVED',
  'OUT_OF_SCOPE',
  'REVOKED',
  'ARCHIVED',
  'REQUESTER_NOT_LISTED',
  'FROZEN',
  'HOLD',
  'NOT_INITIALISED',
  'POLICY_NOT_NEWEST',
];

export const ACTS: readonly Operation[] = [
  proposal('archive', 'Proposes to end the active version without a successor', 'Archive', {}),
  proposal('rollback', 'Proposes that a version that was active before runs again', 'Rollback', { to: SHA }),
  proposal('revocation', 'Proposes to take an approval back for ever', 'Revocation', { event: SHA }),
  proposal('break-glass', 'Proposes that bytes run without an approval, for 72 hours at most', 'BreakGlass', {
    root: SHA,
    manifest: SHA,
    hours: 24,
  }),
  {
    method: 'get',
    path: '/lines/:line/:environment/ledger',
    summary: 'Every transition of what is active, from the sealed entries. A browser gets a page',
    by: 'anybody',
    params: place,
    query: asOf,
    answers: { 200: { what: 'the entries, oldest first, and whether their chain holds', schema: 'Ledger' } },
    codes: ['NOT_FOUND', 'NOT_INITIALISED', 'INVALID_VALUE'],
  },
  {
    method: 'get',
    path: '/acts',
    summary: 'Proposals that wait for people, of the lines this person decides for',
    by: 'person',
    answers: { 200: { what: 'the proposals', schema: 'Acts' } },
  },
  {
    method: 'get',
    path: '/acts/:id',
    summary: 'One proposal',
    by: 'person',
    params: actId,
    answers: { 200: { what: 'the proposal, who approved it, and who is still asked', schema: 'Act' } },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'post',
    path: '/acts/:id/approve',
    summary: 'Approves a proposal, over the page that was shown',
    by: 'form',
    params: actId,
    bodies: [
      {
        type: 'application/x-www-form-urlencoded',
        schema: 'ActApproval',
        example: { screen: SHA, csrf: 'of the page' },
      },
    ],
    answers: { 200: { what: 'who is missing still, or the event that sealed it', schema: 'ActApproved' } },
    codes: [
      'NOT_FOUND',
      'NOT_YOURS',
      'PERSON_ONLY',
      'SEPARATION',
      'TOO_LATE',
      'SCREEN_NOT_SERVED',
      'SCREEN_MISMATCH',
      'STALE_COMPARISON',
      'STEP_UP_REQUIRED',
    ],
  },
];
