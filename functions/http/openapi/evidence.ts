// What was sealed, the log over it, and the gate: what deployers, auditors and witnesses call.
import { JSON_CODES, type Operation } from './operation.ts';
import { artefact, eventHash, gatePlace, tile, treeSize, vaultKey } from './parameters.ts';

const OCTETS = 'application/octet-stream';
const TEXT = 'text/plain';
const SHA = `sha256:${'7b1a'.repeat(16)}`;

export const EVIDENCE: readonly Operation[] = [
  {
    method: 'get',
    path: '/gate/:environment',
    summary: 'May this artefact run here? 200 is the only yes',
    by: 'nobody',
    params: gatePlace,
    query: artefact,
    answers: {
      200: { what: 'allow', schema: 'Verdict' },
      403: { what: 'deny; the code says why', schema: 'Verdict' },
      503: { what: 'it cannot be told: treat it as a no', schema: 'Verdict' },
    },
    codes: ['INVALID_VALUE'],
  },
  {
    method: 'post',
    path: '/gate/:environment',
    summary: 'The same question with what a freeze asks for: a signed intent, and the evidence if the vault does not answer',
    by: 'nobody',
    params: gatePlace,
    bodies: [
      {
        type: 'application/json',
        schema: 'Presented',
        example: { line: 'german-credit', event: SHA, root: SHA, manifest: SHA },
      },
    ],
    answers: {
      200: { what: 'allow', schema: 'Verdict' },
      403: { what: 'deny; the code says why', schema: 'Verdict' },
      503: { what: 'it cannot be told: treat it as a no', schema: 'Verdict' },
    },
    codes: JSON_CODES,
  },
  {
    method: 'get',
    path: '/events/:hash/envelope',
    summary: 'The sealed event: a DSSE envelope, byte for byte',
    by: 'anybody',
    params: eventHash,
    answers: { 200: { what: 'the envelope', type: OCTETS } },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'get',
    path: '/events/:hash/files',
    summary: 'Names of all objects that an auditor needs for one event',
    by: 'anybody',
    params: eventHash,
    answers: { 200: { what: 'keys for /vault', schema: 'Files' } },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'get',
    path: '/events/:hash/proof',
    summary: 'The proof that the log holds an event (C2SP tlog-proof)',
    by: 'nobody',
    params: eventHash,
    answers: { 200: { what: 'the proof', type: TEXT } },
    codes: ['NOT_LOGGED'],
  },
  {
    method: 'get',
    path: '/vault/:key{.+}',
    summary: 'One object of the vault',
    by: 'anybody',
    params: vaultKey,
    answers: {
      200: { what: 'its bytes', type: OCTETS },
      307: { what: 'larger than the way through this server; they are at `location`, for some minutes, without a token' },
    },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'get',
    path: '/log/checkpoint',
    summary: 'The latest signed checkpoint of the log (C2SP tlog-checkpoint)',
    by: 'nobody',
    answers: { 200: { what: 'a signed note', type: TEXT } },
    codes: ['NOT_LOGGED'],
  },
  {
    method: 'get',
    path: '/log/tile/:rest{.+}',
    summary: 'One tile of the log (C2SP tlog-tiles)',
    by: 'nobody',
    params: tile,
    answers: { 200: { what: 'hashes or entries', type: OCTETS } },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'get',
    path: '/log/keys',
    summary: 'The public keys that this server signs with: to compare, never to trust because they are told here',
    by: 'nobody',
    answers: { 200: { what: 'keys', schema: 'PackKeys' } },
  },
  {
    method: 'get',
    path: '/log/timestamps/:size',
    summary: 'Names of the timestamps (RFC 3161) over one checkpoint',
    by: 'nobody',
    params: treeSize,
    answers: { 200: { what: 'keys for /vault', schema: 'Timestamps' } },
    codes: ['INVALID_VALUE'],
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    by: 'nobody',
    answers: { 200: { what: 'OpenAPI 3.1', type: 'application/json' } },
  },
  {
    method: 'get',
    path: '/healthz',
    summary: 'Is the process alive, and is the evidence store well?',
    by: 'nobody',
    answers: { 200: { what: 'it is', schema: 'Up' } },
  },
  {
    method: 'get',
    path: '/readyz',
    summary: 'Can it route? Needs a start and a policy in force',
    by: 'nobody',
    answers: { 200: { what: 'it can', schema: 'Ready' } },
    codes: ['NOT_INITIALISED', 'POLICY_NOT_NEWEST'],
  },
];
