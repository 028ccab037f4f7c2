import { serviceToken as tokenOf } from '../../functions/adapters/local/service-token.ts';
import { entryOf } from '../../functions/domain/errors.ts';
import type { Problem } from '../../functions/domain/result.ts';
import { Client, causesOf, noAnswer } from '../client.ts';
import { EXIT, type Exit, note, problemText } from '../output.ts';
import { UsageError } from '../usage-error.ts';

/** What every command that talks to a server takes. The token comes from the environment, so that it is in no shell history. */
export type ServerFlags = { readonly server: string };

/**
 * A token as given, one fetched as a pipeline does from COUNTERSIGN_ISSUER with client id and secret, or a person's session, which
 * reads.
 */
export async function clientFor({ server }: ServerFlags, env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  needAddress(server);
  const { COUNTERSIGN_TOKEN: token, COUNTERSIGN_CLIENT_ID: id, COUNTERSIGN_CLIENT_SECRET: secret } = env;
  if (token) return new Client({ server, token });
  const session = env['COUNTERSIGN_SESSION'];
  if (session && !id) return new Client({ server, token: undefined, session });
  if (!id || !secret) throw new SignInNeeded();
  return new Client({ server, token: await serviceToken(env['COUNTERSIGN_ISSUER'] ?? `${server}/idp`, id, secret) });
}

export function needAddress(server: string): void {
  if (!URL.canParse(server)) throw new UsageError(`--server ${server} is no address; write http://127.0.0.1:7433`);
}

export async function serviceToken(issuer: string, id: string, secret: string): Promise<string> {
  try {
    return await tokenOf(issuer, id, secret);
  } catch (error) {
    throw signInFault(await import('openid-client'), issuer, id, error);
  }
}

/** Who answered decides: nobody is unknown, an identity provider that says no is a sign-in that failed. */
function signInFault(oidc: typeof import('openid-client'), issuer: string, id: string, error: unknown): Error {
  const [first] = causesOf(error);
  if (first instanceof oidc.WWWAuthenticateChallengeError || first instanceof oidc.ResponseBodyError) {
    return new SignInNeeded(
      `${issuer} does not take client ${id} with this secret: check COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET`,
    );
  }
  if (first instanceof oidc.ClientError) {
    return new SignInNeeded(
      `${issuer} is no identity provider: set COUNTERSIGN_ISSUER to yours, or start the server with --demo for the sample one`,
    );
  }
  return noAnswer(issuer, error);
}

export class SignInNeeded extends Error {
  constructor(
    why = 'set COUNTERSIGN_TOKEN, COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET of a pipeline, or your COUNTERSIGN_SESSION to read',
  ) {
    super(`sign-in needed: ${why}`);
  }
}

/** Tells all that is wrong and answers the exit code: what was refused is a no, what could not be found out is unknown. */
export function refuse(problems: readonly Problem[]): Exit {
  if (problems.some(({ code }) => code === 'UNAUTHENTICATED')) {
    note(
      'sign-in needed: the server does not take this token. It may have expired: get a new one, or set the client id and secret',
    );
    return EXIT.signIn;
  }
  note(problemText(problems));
  return problems.some(({ code }) => entryOf(code).status === 503) ? EXIT.cannotTell : EXIT.no;
}
