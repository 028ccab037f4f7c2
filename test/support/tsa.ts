// A timestamping authority on loopback: `openssl ts` behind HTTP, with a key of its own. An independent side for RFC 3161.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type Tsa = {
  readonly url: string;
  /** PEM of its signing certificate. */
  readonly certificate: string;
  /** Answers to a request, as bytes; a test may put its own in place. */
  answer: (request: Buffer) => Buffer | undefined;
  /** What it answered, in order. */
  readonly answers: Buffer[];
  readonly stop: () => Promise<void>;
};

const CONFIG = (folder: string) => `
[ tsa ]
default_tsa = own
[ own ]
serial = ${folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
`;

/** `kind`: the key it signs with. `usage`: what its certificate is for. */
export async function startTsa(folder: string, kind: 'rsa' | 'ec' = 'rsa', usage = 'critical,timeStamping'): Promise<Tsa> {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'serial'), '01\n');
  writeFileSync(join(folder, 'tsa.cnf'), CONFIG(folder));
  const key = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const subject = ['-subj', '/CN=TSA of a test', '-days', '30', '-addext', `extendedKeyUsage=${usage}`];
  openssl('req', '-x509', '-newkey', ...key, '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject);
  const reply = (request: Buffer) => {
    writeFileSync(join(folder, 'request'), request);
    openssl(
      'ts',
      '-reply',
      '-config',
      'tsa.cnf',
      '-queryfile',
      'request',
      '-signer',
      'cert.pem',
      '-inkey',
      'key.pem',
      '-out',
      'reply',
    );
    return readFileSync(join(folder, 'reply'));
  };
  const tsa: { -readonly [K in keyof Tsa]: Tsa[K] } = {
    url: '',
    certificate: readFileSync(join(folder, 'cert.pem'), 'utf8'),
    answer: reply,
    answers: [],
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const bytes = tsa.answer(body);
    if (bytes === undefined) return void response.writeHead(503).end();
    tsa.answers.push(bytes);
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tsa.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return tsa;
}
