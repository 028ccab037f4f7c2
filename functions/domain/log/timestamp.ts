// RFC 3161: somebody else's word for when a checkpoint existed. A token is believed only by a certificate that the reader named
// beforehand; no chain is built and nothing is fetched. What is signed: RFC 5652 §5.4; the certificate's hash in it: RFC 5816.
import { ContentInfo, SignedData, type SignerInfo } from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { TSTInfo } from '@peculiar/asn1-tsp';
import { Certificate, ExtendedKeyUsage, id_ce_extKeyUsage, id_kp_timeStamping } from '@peculiar/asn1-x509';
import { type HashName, hashOf, sha256, sha256Hex, verifyBySpki } from '../crypto.ts';
import { fail, ok, problem, type Result } from '../result.ts';
import { type Instant, instantOf } from '../text.ts';

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const SHA_256 = '2.16.840.1.101.3.4.2.1';
const HASHES: Readonly<Record<string, HashName>> = {
  [SHA_256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const ATTRIBUTES = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

export type Authority = { readonly id: string; readonly name: string; readonly certificate: Uint8Array };

/** An authority by its own signing certificate, in PEM. Its name everywhere is the hash of the certificate. */
export function parseAuthority(pem: string): Result<Authority> {
  const [, body] = /^-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem) ?? [];
  const wrong = (detail: string) => fail(problem('INVALID_VALUE', '', detail));
  if (body === undefined) return wrong('expected one certificate in PEM');
  const certificate = new Uint8Array(Buffer.from(body.replace(/\s/g, ''), 'base64'));
  const parsed = attempt(() => AsnConvert.parse(certificate, Certificate));
  if (parsed === undefined) return wrong('the certificate does not parse');
  const usage = parsed.tbsCertificate.extensions?.find(({ extnID }) => extnID === id_ce_extKeyUsage);
  const purposes = usage && attempt(() => AsnConvert.parse(usage.extnValue.buffer, ExtendedKeyUsage));
  // RFC 3161 §2.3: for nothing but timestamps, and critical, so that no key of another use stamps.
  if (!usage?.critical || purposes?.length !== 1 || purposes[0] !== id_kp_timeStamping)
    return wrong('the certificate is not for timestamps alone (extendedKeyUsage critical, timeStamping)');
  const names = parsed.tbsCertificate.subject.flatMap((part) => [...part]).map(({ value }) => value.toString());
  return ok({ id: sha256Hex(certificate), name: names.join(' ') || 'unnamed', certificate });
}

/** When, by this authority, exactly these bytes existed. */
export async function verifyTimestamp(token: Uint8Array, stamped: Uint8Array, authority: Authority): Promise<Result<Instant>> {
  const wrong = (detail: string) => fail(problem('TIMESTAMP_INVALID', '', detail));
  const parts = attempt(() => partsOf(token));
  if (parts === undefined) return wrong('not a timestamp token');
  const { content, info, signer, signed } = parts;
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  if (hashAlgorithm.algorithm !== SHA_256 || !same(new Uint8Array(hashedMessage.buffer), sha256(stamped)))
    return wrong('the token is over other bytes');
  const { tbsCertificate } = AsnConvert.parse(authority.certificate, Certificate);
  const hash = HASHES[signer.digestAlgorithm.algorithm];
  if (hash === undefined) return wrong('signed in a way that is not read here');
  const digest = attempt(() => AsnConvert.parse(attributeOf(signer, ATTRIBUTES.messageDigest), OctetString));
  if (digest === undefined || !same(new Uint8Array(digest.buffer), hashOf(hash, content)))
    return wrong('what is signed is not what the token says');
  const named = attempt(() => new Uint8Array(attributeOf(signer, ATTRIBUTES.signingCertificateV2)));
  if (named !== undefined && !contains(named, sha256(authority.certificate)))
    return wrong('it names another certificate than the one you trust');
  const spki = new Uint8Array(AsnConvert.serialize(tbsCertificate.subjectPublicKeyInfo));
  if (!(await verifyBySpki(spki, hash, signed, new Uint8Array(signer.signature.buffer))))
    return wrong(`the signature is not that of ${authority.name}`);
  const { notBefore, notAfter } = tbsCertificate.validity;
  if (info.genTime < notBefore.getTime() || info.genTime > notAfter.getTime())
    return wrong(`the certificate of ${authority.name} was not valid then`);
  return ok(instantOf(info.genTime.getTime()));
}

type Parts = { readonly content: Uint8Array; readonly info: TSTInfo; readonly signer: SignerInfo; readonly signed: Uint8Array };

/** Throws on whatever is not a token of RFC 3161 with one signer. */
function partsOf(token: Uint8Array): Parts {
  const outer = AsnConvert.parse(token, ContentInfo);
  const signed = AsnConvert.parse(outer.content, SignedData);
  const content = signed.encapContentInfo.eContent?.single;
  const [signer, other] = signed.signerInfos;
  const type = signer && oidIn(attributeOf(signer, ATTRIBUTES.contentType));
  if (outer.contentType !== SIGNED_DATA || signed.encapContentInfo.eContentType !== TST_INFO || !content)
    throw new Error('not a timestamp token');
  if (signer === undefined || other !== undefined || !type) throw new Error('not one signer over a timestamp');
  const bytes = new Uint8Array(content.buffer);
  return { content: bytes, info: AsnConvert.parse(bytes, TSTInfo), signer, signed: signedBytes(signer) };
}

/** The number that a request carried and its answer must carry again: no answer of another day. */
export function nonceOf(token: Uint8Array): Uint8Array | undefined {
  const nonce = attempt(() => partsOf(token).info.nonce);
  return nonce && new Uint8Array(nonce);
}

/** RFC 5652 §5.4: what is signed is the attributes as a SET OF, not the tag that stands for it in the token. */
function signedBytes({ signedAttrs = [] }: SignerInfo): Uint8Array {
  const body = Buffer.concat(signedAttrs.map((one) => new Uint8Array(AsnConvert.serialize(one))));
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(0x31, ...size), body]);
}

function attributeOf({ signedAttrs = [] }: SignerInfo, type: string): ArrayBuffer {
  const [found, second] = signedAttrs.filter(({ attrType }) => attrType === type);
  const [value, more] = found?.attrValues ?? [];
  if (value === undefined || more !== undefined || second !== undefined) throw new Error(`not one attribute ${type}`);
  return value;
}

const TST_INFO_DER = Uint8Array.of(6, 11, 42, 134, 72, 134, 247, 13, 1, 9, 16, 1, 4);
const oidIn = (value: ArrayBuffer): boolean => same(new Uint8Array(value), TST_INFO_DER);

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const contains = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from(part));

/** The parsers throw on what does not parse; it comes from what is being verified, so it is a no. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // the caller names what did not read
  }
}
