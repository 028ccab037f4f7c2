// A timestamping authority over HTTP (RFC 3161 §3.4): one POST, one token.
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { MessageImprint, TimeStampReq, TimeStampResp } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { sha256 } from '../../domain/crypto.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import { nonceOf } from '../../domain/log/timestamp.ts';
import type { Timestamper } from '../../ports.ts';

const SHA_256 = '2.16.840.1.101.3.4.2.1';
/** An authority that does not answer in this time is asked again at the next tick. */
const PATIENCE_MS = 5_000;
/** Far more than any token; an answer without end would fill the memory. */
const MAX_BYTES = 64 * 1024;
const GRANTED = [0, 1];

/** `random`: sixteen bytes that no answer of another day can carry. */
export function createHttpTimestamper(url: string, random: () => Uint8Array): Timestamper {
  return {
    stamp: async (bytes) => {
      const nonce = positive(random());
      const answer = await fetch(url, {
        method: 'POST',
        body: Buffer.from(requestFor(bytes, nonce)),
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const body = new Uint8Array(await answer.arrayBuffer());
      if (!answer.ok || body.byteLength > MAX_BYTES) throw unusable(url, `it answered ${answer.status}`);
      const token = tokenIn(body, url);
      if (Buffer.compare(nonceOf(token) ?? new Uint8Array(), nonce) !== 0)
        throw unusable(url, 'its answer is not to this question');
      return token;
    },
  };
}

/** A DER integer: positive and as short as it can be, so that it comes back the same. */
const positive = (random: Uint8Array): Uint8Array => Uint8Array.of(0x40 | ((random[0] ?? 0) & 0x3f), ...random.subarray(1));

function requestFor(bytes: Uint8Array, nonce: Uint8Array): ArrayBuffer {
  const imprint = new MessageImprint({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: SHA_256, parameters: null }),
    hashedMessage: new OctetString(Uint8Array.from(sha256(bytes))),
  });
  // No certificate is asked for: the one that counts is in the trust, and what comes along would be signed by nobody.
  const request = new TimeStampReq({ messageImprint: imprint, nonce: Uint8Array.from(nonce).buffer });
  return AsnConvert.serialize(request);
}

function tokenIn(body: Uint8Array, url: string): Uint8Array {
  let answer: TimeStampResp;
  try {
    answer = AsnConvert.parse(body, TimeStampResp);
  } catch (error) {
    throw unusable(url, 'its answer is no timestamp response', error);
  }
  const { status, timeStampToken } = answer;
  if (!GRANTED.includes(status.status) || timeStampToken === undefined) throw unusable(url, 'it granted no timestamp');
  return new Uint8Array(AsnConvert.serialize(timeStampToken));
}

const unusable = (url: string, why: string, cause?: unknown) =>
  new InfrastructureError(`the timestamping authority at ${url}: ${why}`, { retryable: true, cause });
