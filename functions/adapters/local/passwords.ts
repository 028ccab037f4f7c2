import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Somebody who can sign in at the sample provider. `name` is shown, never sealed. */
export type Account = {
  readonly username: string;
  readonly sub: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly password: PasswordHash;
};

type PasswordHash = { readonly salt: Uint8Array; readonly hash: Uint8Array };

// Node's own default cost (16 MB, some 40 ms). The passwords are samples; real people sign in at a real provider.
const COST = { N: 2 ** 14, r: 8, p: 1 };

function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, COST, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, hash: await derive(password, salt) };
}

const ALLOWED_FAILURES = 5;
const LOCK_MS = 60_000;

/**
 * Checks a user name and password. An unknown name costs the same time as a wrong password. After five failures in a row an
 * account is closed for a minute, even to the right password; only known accounts are counted, so the count is bounded.
 * `nowMs` is the clock.
 */
export function passwordCheck(accounts: readonly Account[], nowMs: () => number) {
  const byName = new Map(accounts.map((account) => [account.username, account]));
  const failures = new Map<string, { readonly count: number; readonly last: number }>();
  const nobody = { salt: randomBytes(16), hash: randomBytes(32) };

  return async (username: string, password: string): Promise<Account | undefined> => {
    const account = byName.get(username);
    const expected = account?.password ?? nobody;
    const right = timingSafeEqual(await derive(password, expected.salt), expected.hash);
    if (!account) return undefined;
    const recent = failures.get(username);
    const count = recent && nowMs() - recent.last < LOCK_MS ? recent.count : 0;
    if (right && count < ALLOWED_FAILURES) {
      failures.delete(username);
      return account;
    }
    // A closed account stays closed for a minute after the fifth failure, not for ever by trying on.
    if (count < ALLOWED_FAILURES) failures.set(username, { count: count + 1, last: nowMs() });
    return undefined;
  };
}
