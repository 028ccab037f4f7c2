// From the announcement of a version to its end: what pipelines call.
import promotionRequest from '../../../docs/schemas/promotion-request.schema.json' with { type: 'json' };
import { JSON_CODES, type Operation, PROSE_CODES } from './operation.ts';
import { blobDigest, place, requestId, stage } from './parameters.ts';

const [example] = promotionRequest.examples;

export const PROMOTIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/lines/:line/:environment/baselines',
    summary: 'What a candidate is compared with: the incumbent and the last version that people approved',
    by: 'bearer',
    params: place,
    answers: { 200: { what: 'the sealed baselines; null where there is none', schema: 'Baselines' } },
  },
  {
    method: 'get',
    path: '/lines/:line/stages/:root',
    summary: 'In which environments of the line this very model was approved before',
    by: 'bearer',
    params: stage,
    answers: { 200: { what: 'one event for each environment', schema: 'ApprovedStages' } },
    codes: ['INVALID_VALUE'],
  },
  {
    method: 'get',
    path: '/blobs/:digest',
    summary: 'Are these bytes here? HEAD answers the same',
    by: 'bearer',
    params: blobDigest,
    answers: { 204: { what: 'they are' }, 404: { what: 'they are not; no body' } },
    codes: ['INVALID_VALUE'],
  },
  {
    method: 'put',
    path: '/blobs/:digest',
    summary: 'Uploads bytes under their digest, at most 16 MiB',
    by: 'bearer',
    params: blobDigest,
    bodies: [{ type: 'application/octet-stream' }],
    answers: { 201: { what: 'hashed and stored', schema: 'Stored' } },
    codes: ['INVALID_VALUE', 'BODY_TOO_LARGE', 'DIGEST_MISMATCH'],
  },
  {
    method: 'post',
    path: '/requests',
    summary: 'Announces a promotion; its bytes are frozen. `countersign request` builds and sends it',
    by: 'bearer',
    bodies: [{ type: 'application/json', schema: 'PromotionRequest', example }],
    answers: {
      200: { what: 'the same content was announced before: the same id', schema: 'Accepted' },
      202: { what: 'frozen; what becomes of it is told by its status', schema: 'Accepted' },
    },
    codes: [
      'FROZEN',
      ...JSON_CODES,
      ...PROSE_CODES,
      'BYTES_MISSING',
      'SERVICE_ONLY',
      'NOT_YOURS',
      'REQUESTER_NOT_LISTED',
      'NOT_FOUND',
      'STALE_COMPARISON',
      'NOT_INITIALISED',
      'POLICY_NOT_NEWEST',
    ],
  },
  {
    method: 'get',
    path: '/requests/:id/status',
    summary: 'Where a request stands, which path it takes and why, and whom it waits for',
    by: 'anybody',
    params: requestId,
    answers: { 200: { what: 'ids, digests and figures; no names', schema: 'Status' } },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'post',
    path: '/requests/:id/withdraw',
    summary: 'Takes a request back that waits for people; only who announced it may',
    by: 'bearer',
    params: requestId,
    answers: { 202: { what: 'it ends as withdrawn, sealed', schema: 'Withdrawn' } },
    codes: ['NOT_FOUND', 'NOT_YOURS', 'NOT_WAITING'],
  },
  {
    method: 'post',
    path: '/requests/:id/let-pass',
    summary: 'As owner of record: a parked automated request goes on, and what people judge for its head is returned',
    by: 'anybody',
    params: requestId,
    bodies: [{ type: 'application/x-www-form-urlencoded', schema: 'Form', example: { csrf: 'of the page' } }],
    answers: { 202: { what: 'what was returned', schema: 'LetPass' } },
    codes: ['FROZEN', 'NOT_FOUND', 'PERSON_ONLY', 'NOT_WAITING', 'FORM_NOT_OURS', 'BODY_TOO_LARGE'],
  },
];
