// A change of keys that kills its own process, as the kernel would, after the n-th call that leaves something on the disk.
// Usage: node crashing-keys.ts DATA N; without dying it prints how many calls there were.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { rotateKey } from '../../cli/commands/keys.ts';
import { FileVault } from '../../functions/adapters/local/file-vault.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';

const [data = '', n = '0'] = process.argv.slice(2);
let calls = 0;

function dying<A extends unknown[], T>(run: (...args: A) => Promise<T>) {
  return async function (this: unknown, ...args: A): Promise<T> {
    const answer = await run.apply(this, args);
    if (++calls !== Number(n)) return answer;
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  };
}

FileVault.prototype.putOnce = dying(FileVault.prototype.putOnce);
SqliteIndex.prototype.commit = dying(SqliteIndex.prototype.commit);
const { rename } = fs.promises;
fs.promises.rename = dying(rename);
syncBuiltinESMExports();

await rotateKey('seal', { data, reason: 'A drill of the change of keys.' });
process.stdout.write(`\n${calls}\n`);
