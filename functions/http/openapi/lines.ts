// What stands against a line, and the policy over all of them.
import { JSON_CODES, type Operation, PROSE_CODES } from './operation.ts';
import { place } from './parameters.ts';

const SHA = `sha256:${'7b1a'.repeat(16)}`;

const drift = {
  schema: 'drift-finding/v0',
  line: 'german-credit',
  environment: 'production',
  event: SHA,
  measured: [{ what: 'score', psi: '0.120000', n: 900, window: { from: '2026-06-01', to: '2026-06-30' } }],
  report: SHA,
};

const suspicion = { keyid: '7b1a'.repeat(16), since: '2026-11-21T09:30:00.000Z' };

export const LINES: readonly Operation[] = [
  {
    method: 'get',
    path: '/keys.json',
    summary: 'The list of keys as it was last sealed. Believe it by its digest, as people told you, or by following it',
    by: 'nobody',
    answers: { 200: { what: 'the list, its digest and its event', schema: 'KeyList' } },
    codes: ['NOT_FOUND'],
  },
  {
    method: 'post',
    path: '/keys/consents',
    summary: 'As key custodian: says that a key was stolen. It changes nothing before a second person says the same',
    by: 'anybody',
    bodies: [
      { type: 'application/json', schema: 'Suspicion', example: suspicion },
      { type: 'application/x-www-form-urlencoded', schema: 'SuspicionForm', example: { ...suspicion, csrf: 'of the page' } },
    ],
    answers: { 202: { what: 'how many people have said so', schema: 'Accused' } },
    codes: [...JSON_CODES, 'FORM_NOT_OURS', 'PERSON_ONLY'],
  },
  {
    method: 'get',
    path: '/lines/:line/:environment',
    summary: 'What is active in an environment, and what stands against its next promotion. A browser gets a page',
    by: 'anybody',
    params: place,
    answers: { 200: { what: 'the state of the line', schema: 'LineState' } },
    codes: ['NOT_FOUND', 'NOT_INITIALISED'],
  },
  {
    method: 'post',
    path: '/lines/:line/:environment/suspension',
    summary: 'As owner of record: stops the automated path of a line, or lets the policy decide again',
    by: 'form',
    params: place,
    bodies: [
      {
        type: 'application/x-www-form-urlencoded',
        schema: 'SuspensionForm',
        example: { state: 'suspended', reason: 'Complaints about limits that nobody can explain yet', csrf: 'of the page' },
      },
    ],
    answers: { 201: { what: 'sealed', schema: 'Sealed' } },
    codes: [
      ...PROSE_CODES,
      'MISSING_KEY',
      'INVALID_VALUE',
      'NOT_FOUND',
      'NOT_YOURS',
      'PERSON_ONLY',
      'NOT_WAITING',
      'OTHER_ANSWER_STORED',
      'NOT_INITIALISED',
      'KEY_EXPIRED',
    ],
  },
  {
    method: 'post',
    path: '/drift-findings',
    summary: 'As a monitor: drift on the traffic of the active version. It stands until people answer it',
    by: 'bearer',
    bodies: [{ type: 'application/json', schema: 'DriftReport', example: drift }],
    answers: {
      200: { what: 'the same was reported before', schema: 'DriftReported' },
      201: { what: 'sealed', schema: 'DriftReported' },
    },
    codes: [
      ...JSON_CODES,
      'LINK_IS_NOT_EVIDENCE',
      'BYTES_MISSING',
      'SERVICE_ONLY',
      'NOT_YOURS',
      'SEPARATION',
      'NOT_FOUND',
      'STALE_COMPARISON',
      'NOT_INITIALISED',
      'KEY_EXPIRED',
    ],
  },
  {
    method: 'get',
    path: '/stats',
    summary: 'Per committee: what waits, how long decisions take, what went without people',
    by: 'anybody',
    answers: { 200: { what: 'counts and durations; no model, no person', schema: 'Stats' } },
  },
  {
    method: 'get',
    path: '/rulebook',
    summary: 'Every rule of the policy in force in plain words, and how often it fired',
    by: 'anybody',
    answers: { 200: { what: 'the rules', schema: 'RuleBook' } },
  },
  {
    method: 'get',
    path: '/policy',
    summary: 'Which policy is in force, since when, by which event. A browser gets a page',
    by: 'nobody',
    answers: { 200: { what: 'the pack in force', schema: 'PolicyInForce' } },
    codes: ['NOT_INITIALISED'],
  },
  {
    method: 'post',
    path: '/policy/releases',
    summary: 'Hands in a signed policy release whose files were uploaded; nothing routes by it yet',
    by: 'bearer',
    bodies: [
      {
        type: 'application/json',
        schema: 'Release',
        example: { pack: SHA, files: { 'manifest.json': SHA, 'policy.wasm': SHA } },
      },
    ],
    answers: { 201: { what: 'it verifies and is kept', schema: 'ReleaseTaken' } },
    codes: [
      'FROZEN',
      ...JSON_CODES,
      'LINK_IS_NOT_EVIDENCE',
      'BYTES_MISSING',
      'NO_TRUST',
      'POLICY_NOT_LOADED',
      'POLICY_NOT_UPLOADED',
      'POLICY_BYTES_CHANGED',
      'POLICY_ABI_TOO_OLD',
      'POLICY_NOT_SIGNED',
    ],
  },
  {
    method: 'get',
    path: '/policy/shadow',
    summary: 'What the candidate beside the active policy would have decided since this server started',
    by: 'anybody',
    answers: { 200: { what: 'an observation, not evidence', schema: 'ShadowReport' } },
    codes: ['NOT_FOUND'],
  },
];
