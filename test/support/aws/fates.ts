// Faults between the SDK and an engine, at each attempt of each call: as if the network, the service or somebody's policy did it.
// The engine under them is real, and so is the SDK's own trying again.
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/**
 * `before`: it never arrived. `lost`: it took effect, and its answer was lost. `broken`: it took effect, and the service answered
 * 500. `throttled`: too fast. `busy`: another call holds the same thing. `exists`: a 412 that is not true when it is read.
 * `refused`: by policy or by the state of a key.
 */
export type Fate = 'well' | 'before' | 'lost' | 'broken' | 'throttled' | 'busy' | 'exists' | 'refused';

/** `command`: as the SDK names it, without its last word: `PutObject`. */
export type FateOf = (command: string) => Fate;

type Args = { request?: unknown };
type Next = (args: Args) => Promise<unknown>;
type Context = { readonly commandName?: string };
type Middleware = (next: Next, context: Context) => Next;
type Client = { readonly middlewareStack: { add(middleware: never, options: never): void } };

const error = (name: string, httpStatusCode: number | undefined, more: object = {}): Error =>
  Object.assign(new Error(`injected ${name}`), {
    name,
    $fault: 'client',
    $metadata: httpStatusCode === undefined ? {} : { httpStatusCode },
    ...more,
  });

const hungUp = () => error('TimeoutError', undefined, { code: 'ECONNRESET' });

function busy(command: string): Error {
  if (command !== 'TransactWriteItems') return error('ConditionalRequestConflict', 409);
  return new TransactionCanceledException({
    message: 'injected TransactionConflict',
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
  });
}

/** `forgetful`: the engine has forgotten the token of a transaction, as DynamoDB does after ten minutes. */
export function withFates<C extends Client>(client: C, fateOf: FateOf, { forgetful = false } = {}): C {
  const middleware: Middleware =
    (next, { commandName = '' }) =>
    async (args) => {
      const command = commandName.replace(/Command$/, '');
      const fate = fateOf(command);
      if (fate === 'before') throw hungUp();
      if (fate === 'throttled') throw error(command.includes('Object') ? 'SlowDown' : 'ThrottlingException', 400);
      if (fate === 'busy') throw busy(command);
      if (fate === 'exists') throw error('PreconditionFailed', 412);
      if (fate === 'refused') throw error(command === 'Sign' ? 'KMSInvalidStateException' : 'AccessDeniedException', 400);
      if (forgetful) forgetToken(args.request);
      const answer = await next(args);
      if (fate === 'lost') throw hungUp();
      if (fate === 'broken') throw error('InternalServerError', 500);
      return answer;
    };
  client.middlewareStack.add(middleware as never, { step: 'deserialize', priority: 'low', name: 'fates' } as never);
  return client;
}

let forgotten = 0;

function forgetToken(request: unknown): void {
  const sent = request as { body?: unknown };
  const text = sent.body instanceof Uint8Array ? new TextDecoder().decode(sent.body) : String(sent.body);
  // As long as the one it had. It was signed with the other one, and local engines look at no signature.
  const other = String(forgotten++).padStart(36, '0');
  if (text.includes('"ClientRequestToken"'))
    sent.body = text.replace(/("ClientRequestToken":")[^"]{36}/, (_, before) => `${before}${other}`);
}

/** These fates, one for each attempt of this command; after them all is well. */
export function inTurn(command: string, fates: readonly Fate[]): FateOf {
  const left = [...fates];
  return (asked) => (asked === command ? (left.shift() ?? 'well') : 'well');
}
