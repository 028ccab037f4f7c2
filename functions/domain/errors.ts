/**
 * The catalogue: every code Countersign answers with, its HTTP status, and what the reader should do.
 * The same code stands in logs, HTTP bodies and docs. A code is never given another meaning.
 */
const catalogue = {
  // invalid: does not parse or authenticate; never sealed
  JSON_SYNTAX: [422, 'Not JSON', 'Send one JSON document in UTF-8.'],
  JSON_TOO_DEEP: [422, 'Nested too deep', 'Flatten the document.'],
  JSON_DUPLICATE_KEY: [422, 'A key stands twice', 'Keep one of the two.'],
  JSON_UNSAFE_INTEGER: [422, 'An integer cannot be read exactly', 'Write it as a string.'],
  JSON_LONE_SURROGATE: [422, 'Broken text', 'Send well-formed Unicode.'],
  NUMBER_NOT_DECIMAL_STRING: [422, 'A number is not written as a decimal string', 'Write "0.05", not 0.05.'],
  BODY_TOO_LARGE: [413, 'Too large', 'Upload large content as blobs and name it by digest.'],
  UNKNOWN_KEY: [422, 'Unknown key', 'Remove it, or correct its spelling.'],
  MISSING_KEY: [422, 'A key is missing', 'Add it.'],
  INVALID_VALUE: [422, 'A value does not fit', 'Correct it as the detail says.'],
  LINK_IS_NOT_EVIDENCE: [422, 'A link stands where evidence belongs', 'Upload the bytes and name them by digest.'],
  PERSONAL_DATA: [422, 'Personal data in text that is sealed', 'Name a role; sealed text cannot be erased.'],
  BYTES_MISSING: [422, 'Named bytes were not uploaded', 'PUT /blobs/{digest} first, then send the request again.'],
  BYTES_UNREADABLE: [422, 'Named bytes do not parse', 'Build the file again with the countersign command.'],
  UNAUTHENTICATED: [401, 'Not signed in', 'Send a bearer token of a known issuer, or sign in.'],
  STEP_UP_REQUIRED: [401, 'The sign-in is too old for this decision', 'Sign in again and decide then; nothing was recorded.'],
  FORM_NOT_OURS: [403, 'The form did not come from our page', 'Open the page again and send its own form.'],
  NOT_FOUND: [404, 'Not found', 'Check the id.'],
  // refused: breaks a binding rule; sealed as a record
  DIGEST_MISMATCH: [403, 'Bytes differ from their digest', 'Hash the bytes again; something changed after hashing.'],
  MODEL_ROOT_MISMATCH: [403, 'The model root is not that of its files', 'Build the request with `countersign request`.'],
  MODEL_FILE_MISMATCH: [403, 'A model file differs from what is stated', 'Hash the files again.'],
  MODEL_ROLE_MISSING: [403, 'Weights, config or preprocessor is missing', 'A model is all three (R4a).'],
  EXPLANATION_SLICE_MISMATCH: [
    403,
    'An explanation was made on another slice than the metrics',
    'Compute it again on the evaluation slice.',
  ],
  EVALUATION_SLICE_MISMATCH: [
    403,
    'The metrics name another slice than the evaluation slice',
    'Name the slice they were computed on.',
  ],
  PREDICTIONS_MISMATCH: [403, 'Predictions disagree with the evaluation slice', 'Score exactly the rows of the sealed slice.'],
  METRIC_MISMATCH: [403, 'A stated metric differs from what the predictions give', 'State the recomputed figure, or none.'],
  REGISTRY_MISMATCH: [
    403,
    'The registry serves otherwise than the request says',
    'Build the request from what the registry serves, and ask again.',
  ],
  VERSION_ALREADY_APPROVED: [
    403,
    'This version is approved already',
    'Nothing is left to decide: deploy it by the event that the detail names, or announce a new version.',
  ],
  VERSION_REUSED: [403, 'This version id names other bytes already', 'Give the new bytes a version id of their own (R63).'],
  INCUMBENT_MISMATCH: [403, 'What is said of the incumbent differs from what its event sealed', 'Read it from the baselines.'],
  PROFILE_MISMATCH: [
    403,
    'The profile is not of the scoring slice or not at the sealed edges',
    'Run `countersign profile` again with the baselines.',
  ],
  TERMS_MISMATCH: [403, 'Carried terms differ from the sealed ones', "Carry the incumbent's terms, or state new ones."],
  GATE_FAILED: [403, 'A validation gate failed', 'Mend the model; a failed gate cannot be approved away (R25).'],
  GATE_REPORT_MISMATCH: [
    403,
    'The report of a gate is empty, of another gate, or says otherwise',
    'Send the report of this very run, one for each gate.',
  ],
  EXPLANATION_REUSED: [
    403,
    'An explanation of something else was sealed with these bytes before',
    'Compute it again for this model, on its evaluation slice (R48).',
  ],
  EVIDENCE_CHANGED: [
    403,
    'The record does not follow from its evidence',
    'Announce it again; rows or bytes were changed meanwhile.',
  ],
  // conflict and time
  STALE_COMPARISON: [409, 'The incumbent moved', 'Read the baselines again and send a new request.'],
  ALREADY_STARTED: [
    409,
    'This data folder has its start already',
    'Run `countersign serve` on it, or give `init` another --data folder; a start is sealed once.',
  ],
  STANDING_MOVED: [
    409,
    'Something came to stand against the line',
    'Read the baselines again and send a new request; people look at it.',
  ],
  OTHER_ANSWER_STORED: [
    409,
    'Another answer is already stored',
    'The first answer stands; look at what is stored before you answer again.',
  ],
  SCREEN_NOT_SERVED: [409, 'This screen was never shown to you', 'Open the request and read it first.'],
  SCREEN_MISMATCH: [409, 'You saw other bytes than those on record', 'Open the request again.'],
  NOT_WAITING: [409, 'The request is not waiting for this', 'Look at its state.'],
  RETURNED_BY_OWNER: [
    409,
    'The owner of record let another request pass',
    'Announce it again; it compares with what is active then.',
  ],
  RATIONALE_MISSING: [409, 'No written rationale yet', 'A person writes it first (R46).'],
  HOLD: [409, 'An artefact the path demands is missing', 'Send a new request with it; this one cannot be approved.'],
  TOO_LATE: [410, 'The time to decide is over', 'Send a new request that supersedes this one.'],
  NOT_YOURS: [403, 'You may not decide this request', 'See which roles are still asked.'],
  SEPARATION: [403, 'You took part in making this', 'Somebody else must decide.'],
  CRITERIA_INCOMPLETE: [422, 'A finding is not answered', 'Tick what you checked for every rule that fired.'],
  SERVICE_ONLY: [403, 'Only a service identity may do this', "Use the pipeline's token."],
  REQUESTER_NOT_LISTED: [
    403,
    'This pipeline may not announce for this line',
    "Ask model risk to list it under the line's requesters.",
  ],
  PERSON_ONLY: [403, 'Only a person may do this', 'Sign in.'],
  // policy releases and their activation
  POLICY_NOT_LOADED: [422, 'The policy release does not load', 'Build it again with `npm run policy:build`.'],
  POLICY_BYTES_CHANGED: [403, 'A file of the policy release was changed', 'Take the release again from where it was signed.'],
  POLICY_ABI_TOO_OLD: [
    422,
    'Built for an older Wasm interface',
    'Build it again with the OPA version that this repository pins.',
  ],
  POLICY_NOT_SIGNED: [403, 'The policy release is not signed by a trusted key', 'Sign it with `countersign policy release`.'],
  POLICY_NOT_UPLOADED: [422, 'No such policy release was uploaded', 'Run `countersign policy upload` first.'],
  POLICY_MOVED: [409, 'Another policy was activated meanwhile', 'Compare with the policy now active, and propose again.'],
  POLICY_NOT_NEWEST: [
    503,
    'The active policy is not the newest that was sealed',
    'Ask again in a minute; if it stays, the index was set back: run `countersign rebuild`.',
  ],
  POLICY_ALREADY_ACTIVE: [409, 'This policy is active already', 'There is nothing to activate.'],
  // gate and verification
  FROZEN: [
    503,
    'Frozen: the evidence store is not well',
    'Nothing is decided now; votes are kept. See the banner for since when and until when.',
  ],
  NO_TRUST: [503, 'No trust configuration', 'Give --trust; it never comes from what is verified.'],
  ENVELOPE_INVALID: [403, 'Not a DSSE envelope of ours', 'Fetch the event again.'],
  KEY_UNTRUSTED: [403, 'The signing key is not trusted here', 'A development key never opens a production gate.'],
  KEY_WRONG_USE: [403, 'The key is there for something else', 'Ask for the list of keys that names it for this use.'],
  KEY_OUT_OF_WINDOW: [403, 'The key was not in use at that time', 'Look at its window with `countersign keys list`.'],
  KEY_COMPROMISED: [
    403,
    'The signing key was compromised',
    'Only a proof that the event was logged and witnessed before that moment, or its re-attestation, shows that it is honest.',
  ],
  KEYS_NOT_FOLLOWED: [
    403,
    'This list of keys does not follow from the pinned one',
    'Get the digest of the new list from people you know, not from us, and pin it (docs/keys.md).',
  ],
  KEY_EXPIRED: [
    503,
    'The window of the signing key is over',
    'Nothing is sealed until somebody runs `countersign keys rotate`.',
  ],
  SIGNATURE_INVALID: [403, 'The signature does not verify', 'Somebody changed the bytes, or the key is another.'],
  EVENT_HASH_MISMATCH: [403, 'Not the event that was asked for', 'Ask by the hash of the payload.'],
  STATEMENT_INVALID: [403, 'The statement does not have the agreed shape', 'See the pointer.'],
  NOT_APPROVED: [403, 'This record is not an approval', 'Only an approved promotion opens the gate.'],
  ARTEFACT_MISMATCH: [403, 'The artefact is not the approved one', 'The build changed after approval; promote it again.'],
  OUT_OF_SCOPE: [403, 'Approved for another line or environment', 'Promote it for this line, into this environment.'],
  NOT_ACTIVE: [403, 'A later event replaced this one', 'Deploy the active version, or roll back by an event.'],
  ARCHIVED: [403, 'This version was archived', 'Nothing replaced it; promote a version before deploying one.'],
  REVOKED: [403, 'Its approval was taken back', 'It runs nowhere again; see the ledger of the line for what is active.'],
  BREAK_GLASS_REFUSED: [403, 'This environment runs nothing without an approval', 'Roll back, or promote a version.'],
  BREAK_GLASS_OVER: [403, 'The hours that were broken for are over', 'Promote the version; it owes a regular review.'],
  HUMAN_SIGNATURE_MISSING: [403, 'No signature of the approvers themselves', "Production needs the approver's own assertion."],
  FIELD_TAMPERED: [403, 'Sealed bytes were changed', 'The named field no longer matches what was signed.'],
  LOG_INVALID: [
    403,
    'The proof of the log does not hold',
    'Fetch it again; if it fails again, the log or the event was changed.',
  ],
  PACK_INVALID: [
    403,
    'The audit pack is not as it was written',
    'Take it again from where it came; the detail names the file.',
  ],
  TIMESTAMP_INVALID: [
    403,
    'A timestamp does not hold',
    'Fetch it again; if it fails again, the token, the checkpoint or the authority was changed.',
  ],
  NOT_LOGGED: [503, 'Not in the log yet', 'Ask again in a moment; without a proof it is treated as refused.'],
  NOT_WITNESSED: [503, 'Not enough witnesses have seen it', 'Ask again when the witnesses answer.'],
  CANNOT_TELL: [503, 'Cannot tell', 'Treat as refused and ask again.'],
  NOT_INITIALISED: [503, 'Nothing is sealed before the start', 'Run `countersign init` once.'],
  INTERNAL: [500, 'A bug', 'Please report it with the request id.'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type Code = keyof typeof catalogue;

export const isCode = (code: unknown): code is Code => typeof code === 'string' && Object.hasOwn(catalogue, code);

export const CODES = Object.keys(catalogue) as Code[];

export type ErrorEntry = { readonly code: Code; readonly status: number; readonly title: string; readonly remedy: string };

export function entryOf(code: Code): ErrorEntry {
  const [status, title, remedy] = catalogue[code];
  return { code, status, title, remedy };
}

/** An infrastructure fault: thrown, never returned. `retryable` says whether the same call may succeed later. */
export class InfrastructureError extends Error {
  readonly retryable: boolean;
  /** Said to the caller where it helps them; else they are told only that nobody can tell. */
  readonly code: Code;
  constructor(message: string, options: { retryable: boolean; cause?: unknown; code?: 'KEY_EXPIRED' }) {
    super(message, { cause: options.cause });
    this.name = 'InfrastructureError';
    this.retryable = options.retryable;
    this.code = options.code ?? 'CANNOT_TELL';
  }
}

/** For the log, which nobody outside reads: the fault, and below it why, as a disk that is full or read-only. */
export function storyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const why = error.cause instanceof Error ? `\n  because: ${storyOf(error.cause)}` : '';
  return (error.stack ?? String(error)) + why;
}
