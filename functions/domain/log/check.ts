// Is this event in a log that the reader trusts, and did enough witnesses see that log? Everything that is believed comes from
// the trust given; leaf and path are computed again from the envelope's bytes.
import type { Check, Trust } from '../trust.ts';
import { no, yes } from '../trust.ts';
import { type Checkpoint, cosignedBy, signedByLog } from './checkpoint.ts';
import { leafBytes, leafOf } from './leaf.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { parseVkey } from './note.ts';
import { parseProof } from './proof.ts';
import { cosignedBySome } from './witnessed.ts';

const NAME = 'log';

/**
 * `proof`: the text of a tlog-proof, or undefined when there is none. Answers undefined when the trust asks for none and none
 * is there. A proof that is there and does not hold is a no under every trust.
 */
export function checkLogged(envelope: Uint8Array, proof: string | undefined, trust: Trust): Check | undefined {
  const { logs = [], proof: asked } = trust;
  if (proof === undefined)
    return asked === 'index' ? undefined : no(NAME, 'NOT_LOGGED', 'no proof that the event is in the log');
  // Without a log to trust a proof says nothing; where one is asked for, nobody can tell.
  if (logs.length === 0) return asked === 'index' ? undefined : no(NAME, 'NO_TRUST', 'the trust given names no log');
  const parsed = parseProof(proof);
  const leaf = leafOf(envelope);
  if (!parsed.ok) return no(NAME, 'LOG_INVALID', parsed.problems[0]?.detail ?? '');
  if (!leaf.ok) return no(NAME, 'LOG_INVALID', 'the envelope does not read, so it has no leaf');
  const { index, path, checkpoint } = parsed.value;
  const unsigned = signatureProblem(checkpoint, trust);
  if (unsigned) return unsigned;
  if (!verifyInclusion(leafHash(leafBytes(leaf.value)), index, checkpoint.size, path, checkpoint.root))
    return no(NAME, 'LOG_INVALID', `the event is not entry ${index} of the tree of ${checkpoint.size}`);
  const where = `entry ${index} of ${checkpoint.size} in ${checkpoint.origin}`;
  return witnessed(checkpoint, trust, where);
}

function signatureProblem(checkpoint: Checkpoint, trust: Trust): Check | undefined {
  const { logs = [], class: gate, environment } = trust;
  let stolen: Check | undefined;
  for (const { vkey, class: keyClass, compromisedSince } of logs) {
    const key = parseVkey(vkey);
    // The origin is the log's identity: a key signs for its own name only.
    if (!key.ok || key.value.name !== checkpoint.origin) continue;
    const signed = signedByLog(checkpoint, key.value);
    if (signed === 'absent') continue;
    if (!signed) return no(NAME, 'SIGNATURE_INVALID', 'the signature of the log does not fit its checkpoint');
    if (gate === 'prod' && keyClass === 'dev')
      return no(
        NAME,
        'KEY_UNTRUSTED',
        `the log is signed by a development key, which environment ${environment} (class prod) does not take`,
      );
    const seen = compromisedSince === undefined ? undefined : cosignedBySome(checkpoint, trust);
    if (compromisedSince === undefined || (seen !== undefined && seen < compromisedSince)) return undefined;
    // Another key of the same log may have signed it too.
    stolen = no(
      NAME,
      'KEY_COMPROMISED',
      `the log's key was compromised at ${compromisedSince}, and no witness saw this before`,
    );
  }
  if (stolen) return stolen;
  return no(NAME, 'KEY_UNTRUSTED', `the checkpoint of ${checkpoint.origin} is signed by no log that is trusted`);
}

/** k of n: each witness counts once, however often it signed; a false cosignature of a known witness refuses the whole. */
function witnessed(checkpoint: Checkpoint, { witnesses, proof }: Trust, where: string): Check {
  const names: string[] = [];
  for (const vkey of new Set(witnesses?.vkeys ?? [])) {
    const key = parseVkey(vkey);
    if (!key.ok) continue;
    const signed = cosignedBy(checkpoint, key.value);
    if (signed === false) return no(NAME, 'SIGNATURE_INVALID', `the cosignature of ${key.value.name} does not fit`);
    if (signed === true) names.push(key.value.name);
  }
  if (proof !== 'witnessed') return yes(NAME, names.length === 0 ? where : `${where}, seen by ${names.join(', ')}`);
  if (witnesses === undefined) return no(NAME, 'NO_TRUST', 'the trust given names no witness');
  if (names.length < witnesses.required)
    return no(NAME, 'NOT_WITNESSED', `${where}: ${names.length} of ${witnesses.required} witnesses have seen it`);
  return yes(NAME, `${where}, seen by ${names.join(', ')}`);
}
