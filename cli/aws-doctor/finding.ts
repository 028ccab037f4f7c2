// One line of the report. What could not be asked is never reported as well: it is `unknown`, and the whole is then unknown too.
import { isPassing, nameOf, statusOf } from '../../functions/adapters/aws/fault.ts';

/** `note`: good to know, never a reason to fail. `unknown`: nobody can tell from here. */
export type State = 'ok' | 'fail' | 'unknown' | 'note';
export type Told = { readonly state: State; readonly detail: string };
export type Finding = Told & { readonly area: string; readonly name: string };
export type Look = { readonly area: string; readonly name: string; readonly run: () => Promise<Told> };

export const ok = (detail: string): Told => ({ state: 'ok', detail });
export const fails = (detail: string): Told => ({ state: 'fail', detail });
export const cannotTell = (detail: string): Told => ({ state: 'unknown', detail });
export const noted = (detail: string): Told => ({ state: 'note', detail });
export const either = (holds: boolean, detail: string, otherwise = detail): Told => (holds ? ok(detail) : fails(otherwise));

export async function findingOf({ area, name, run }: Look): Promise<Finding> {
  try {
    return { area, name, ...(await run()) };
  } catch (error) {
    return { area, name, ...cannotTell(wordsOf(error)) };
  }
}

/** A refusal of AWS names who refused; of everything else the first line is enough. */
function wordsOf(error: unknown): string {
  const said = error instanceof Error ? `${nameOf(error)}: ${error.message.split('\n')[0]}` : String(error);
  return said.replace(/^(\w+): \1(?=\b)/, '$1').slice(0, 300);
}

/** Refused because of who asks, not because of what was asked: others are not refused by that. */
const LACKS_RIGHT = /\bno [\w -]+ allows\b|explicit deny in an? (?!resource-based policy)/;

/** Nothing was looked at: credentials that are over or of nobody, or a name that leads nowhere. */
const NOT_ASKED = new Set([
  ...['ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'InvalidAccessKeyId', 'SignatureDoesNotMatch'],
  ...['InvalidSignatureException', 'UnrecognizedClientException', 'InvalidClientTokenId', 'MissingAuthenticationToken'],
  ...['NotFoundException', 'ResourceNotFoundException', 'NoSuchBucket', 'PermanentRedirect', 'AuthorizationHeaderMalformed'],
]);

/** Refusals that show what is to be shown. */
const REFUSED = new Set([400, 403, 405, 409, 412]);

/**
 * Something forbidden was tried. `mend`: undoes what should not have been possible, on the canary alone. A refusal for want of
 * rights proves nothing about those who have them.
 */
export async function tried(
  attempt: () => Promise<unknown>,
  mend: () => Promise<unknown> = async () => undefined,
): Promise<Told> {
  try {
    await attempt();
  } catch (error) {
    const status = statusOf(error);
    // Too fast, or over: many services say that with the status of a refusal.
    const asked = !isPassing(error) && !NOT_ASKED.has(nameOf(error));
    if (status === undefined || !REFUSED.has(status) || !asked) return cannotTell(wordsOf(error));
    return LACKS_RIGHT.test(error instanceof Error ? error.message : '')
      ? cannotTell(`refused for want of your own rights; ask again as who may do everything: ${wordsOf(error)}`)
      : ok(`refused: ${wordsOf(error)}`);
  }
  await mend();
  return fails('it was allowed');
}
