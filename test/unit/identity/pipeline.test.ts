import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn } from '../../../cli/demo/sign-in.ts';
import type { Session } from '../../../functions/http/session.ts';
import { type Console, pipelineToken, startConsole } from './console.ts';

let at: Console;
beforeAll(async () => {
  at = await startConsole();
});
afterAll(() => at.stop());

test('R33: client credentials give a service principal with its role and a token that says what it is', async () => {
  const { body } = await pipelineToken(at.issuer);
  const token = body.access_token ?? '';
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(decodeJwt(token)).toMatchObject({ aud: 'countersign', sub: 'german-credit-pipeline', azp: 'german-credit-pipeline' });
  expect(await at.api.verify(token)).toMatchObject({
    ok: true,
    value: {
      principal: {
        actor: { kind: 'service', iss: at.issuer, sub: 'german-credit-pipeline' },
        auth: { roles: ['pipeline'], azp: 'german-credit-pipeline', aud: 'countersign' },
      },
    },
  });
});

test('R33: a wrong secret, another resource and another grant give no token', async () => {
  expect(await pipelineToken(at.issuer, {}, 'wrong')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  expect((await pipelineToken(at.issuer, { resource: 'urn:other' })).body).toEqual(
    expect.objectContaining({ error: 'invalid_target' }),
  );
  expect((await pipelineToken(at.issuer, { grant_type: 'password' })).body.access_token).toBeUndefined();
});

test('R33: the token ends after its time', async () => {
  const token = (await pipelineToken(at.issuer)).body.access_token ?? '';
  at.skip(700_000);
  expect((await at.api.verify(token)).ok).toBe(false);
  at.skip(-700_000);
});

test("R7: a person's ID token does not open the API", async () => {
  const cookie = await signIn(at.baseUrl, 'alice', 'sample-password-alice');
  const { token } = (await (await fetch(`${at.baseUrl}/who`, { headers: { cookie } })).json()) as Session;
  expect(await at.api.verify(token)).toMatchObject({ ok: false, problems: [{ code: 'UNAUTHENTICATED' }] });
});

test('the published keys hold no private part', async () => {
  const published = (await (await fetch(`${at.issuer}/jwks`)).json()) as { keys: object[] };
  for (const key of [...published.keys, ...at.provider.jwks.keys]) expect(Object.keys(key)).not.toContain('d');
});
