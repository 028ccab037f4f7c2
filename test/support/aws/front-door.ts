// The address people and pipelines know, as a domain of the customer's own would be: the identity provider under /idp, and
// everything else handed on to the deployed API. The one thing beside the stacks that a local AWS has to have.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../functions/adapters/local/clock.ts';
import { createProvider, generateProviderKey } from '../../../functions/adapters/local/openid-provider.ts';
import { accountsOf, SAMPLE_PEOPLE, SAMPLE_SERVICES } from '../../../functions/adapters/local/sample-people.ts';

export type FrontDoor = {
  readonly url: string;
  readonly clientSecret: string;
  /** From now on: the API that answers under this host name at this address. */
  readonly leadTo: (host: string, address: string) => void;
  readonly stop: () => Promise<void>;
};

export async function openFrontDoor(port = 0): Promise<FrontDoor> {
  let handle = (_: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(503).end('nothing is deployed yet\n');
  };
  const server = createServer((req, res) => handle(req, res));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientSecret = randomBytes(32).toString('base64url');
  const provider = createProvider({
    issuer: `${url}/idp`,
    people: await accountsOf(SAMPLE_PEOPLE),
    services: SAMPLE_SERVICES,
    keys: { signing: await generateProviderKey('RS256'), cookies: [randomBytes(32).toString('base64url')] },
    console: { secret: clientSecret, redirectUris: [`${url}/callback`], postLogoutRedirectUris: [`${url}/sign-in`] },
    clock: systemClock(),
    onFault: (error) => void process.stderr.write(`provider: ${error}\n`),
  });
  let next = handle;
  handle = (req, res) => (req.url?.startsWith('/idp/') ? provider.callback(req, res) : next(req, res));
  return {
    url,
    clientSecret,
    leadTo: (host, address) => {
      next = (req, res) => pass(req, res, host, new URL(address));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(req: IncomingMessage, res: ServerResponse, host: string, { hostname, port }: URL): void {
  const { method = 'GET', url = '/' } = req;
  const upstream = request({ hostname, port, method, path: url, headers: { ...req.headers, host } }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(res);
  });
  upstream.on('error', (error) => (res.headersSent ? res.destroy() : res.writeHead(502).end(`${error.message}\n`)));
  req.pipe(upstream);
}
