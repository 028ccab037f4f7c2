import { allowInsecureRequests, ClientSecretBasic, clientCredentialsGrant, discovery } from 'openid-client';
import type { Problem } from '../../functions/domain/result.ts';
import { Client } from '../client.ts';
import { UsageError } from '../embedded.ts';
import { EXIT, type Exit, note, problemText } from '../output.ts';

/** What every command that talks to a server takes. The token comes from the environment, so that it is in no shell history. */
export type ServerFlags = { readonly server: string };

/** A token as given, or one fetched as a pipeline does from COUNTERSIGN_ISSUER with client id and secret. */
export async function clientFor({ server }: ServerFlags, env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  if (!URL.canParse(server)) throw new UsageError(`--server ${server} is no address; write http://127.0.0.1:7433`);
  const { COUNTERSIGN_TOKEN: token, COUNTERSIGN_CLIENT_ID: id, COUNTERSIGN_CLIENT_SECRET: secret } = env;
  if (token) return new Client({ server, token });
  if (!id || !secret) throw new SignInNeeded();
  return new Client({ server, token: await serviceToken(env['COUNTERSIGN_ISSUER'] ?? `${server}/idp`, id, secret) });
}

export async function serviceToken(issuer: string, id: string, secret: string): Promise<string> {
  const url = new URL(issuer);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  try {
    const config = await discovery(
      url,
      id,
      undefined,
      ClientSecretBasic(secret),
      loopback ? { execute: [allowInsecureRequests] } : {},
    );
    return (await clientCredentialsGrant(config)).access_token;
  } catch (error) {
    throw new UsageError(`no token from ${issuer}: ${error instanceof Error ? error.message : error}`);
  }
}

export class SignInNeeded extends Error {
  constructor(how = 'set COUNTERSIGN_TOKEN, or COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET of a pipeline') {
    super(`sign-in needed: ${how}`);
  }
}

/** Tells all that is wrong and answers the exit code: what was refused is a no, what could not be found out is unknown. */
export function refuse(problems: readonly Problem[]): Exit {
  note(problemText(problems));
  if (problems.some(({ code }) => code === 'UNAUTHENTICATED')) return EXIT.signIn;
  return problems.some(({ code }) => code === 'CANNOT_TELL' || code === 'NOT_INITIALISED') ? EXIT.cannotTell : EXIT.no;
}
