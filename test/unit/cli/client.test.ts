// A pipeline among many: a deployment that says "too many at once" is asked again, and whoever says no for good is not.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Client } from '../../../cli/client.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Answers these, one after the other, and remembers what was sent. */
async function answering(statuses: readonly number[]): Promise<{ client: Client; sent: string[] }> {
  const sent: string[] = [];
  const left = [...statuses];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    sent.push(`${request.method} ${body}`);
    response.writeHead(left.shift() ?? 500).end('{}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { client: new Client({ server: `http://127.0.0.1:${port}`, token: 'a-token' }), sent };
}

it('asks again with the same body while it is too early, and takes the answer', async () => {
  const { client, sent } = await answering([429, 429, 202]);
  expect((await client.fetch('/requests', { method: 'POST', body: 'the request' })).status).toBe(202);
  expect(sent).toEqual(['POST the request', 'POST the request', 'POST the request']);
});

it.each([401, 403, 409, 422, 500, 503])('asks once where the answer is %s', async (status) => {
  const { client, sent } = await answering([status, 200]);
  expect((await client.fetch('/requests', { method: 'POST', body: '' })).status).toBe(status);
  expect(sent).toHaveLength(1);
});
