// The same envelope as a Sigstore bundle v0.3, for verifiers that read nothing else. Nothing of it is signed but the envelope
// itself, so it says only what the envelope says: its key by its hint, no certificate, no entry in a public log.
import { canonicalBytes } from '../canonical.ts';
import type { Opened } from './envelope.ts';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * A bundle holds one signature: the first, as everything here signs once. Its own key id is left empty: cosign takes one that is there
 * for a hash of its own making and skips the signature. The hint says which key it is.
 */
export function sigstoreBundle({ envelope }: Opened): Uint8Array {
  const [signature] = envelope.signatures;
  return canonicalBytes({
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: signature?.keyid }, tlogEntries: [] },
    dsseEnvelope: { ...envelope, signatures: signature ? [{ ...signature, keyid: '' }] : [] },
  });
}
