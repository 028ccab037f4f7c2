import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { FileVault } from '../../functions/adapters/local/file-vault.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { keyIdOf, verifyP256 } from '../../functions/domain/crypto.ts';
import { journalled } from '../../functions/journal.ts';
import { indexLaws } from './index-laws.ts';
import { vaultLaws } from './vault.ts';

const folder = () => mkdtemp(join(tmpdir(), 'countersign-'));
let count = 0;
const unique = () => `t${process.pid}-${count++}`;

vaultLaws('files', async () => {
  const root = await folder();
  return { vault: new FileVault(root, unique), close: () => rm(root, { recursive: true, force: true }) };
});

indexLaws('SQLite', async () => {
  const root = await folder();
  const index = new SqliteIndex(join(root, 'index.db'));
  return {
    index,
    close: async () => {
      index.close();
      await rm(root, { recursive: true, force: true });
    },
  };
});

indexLaws('SQLite behind its journal', async () => {
  const root = await folder();
  const rows = new SqliteIndex(join(root, 'index.db'));
  return {
    index: journalled(new FileVault(join(root, 'vault'), unique), rows),
    close: async () => {
      rows.close();
      await rm(root, { recursive: true, force: true });
    },
  };
});

describe('the embedded adapters', () => {
  it('R14 the index refuses update and delete of a fact, whoever asks', async () => {
    const root = await folder();
    const index = new SqliteIndex(join(root, 'index.db'));
    await index.commit([{ kind: 'fact', key: { pk: 'E', sk: '1' }, body: 'sealed' }]);
    const raw = new DatabaseSync(join(root, 'index.db'));
    expect(() => raw.exec('UPDATE fact SET body = \'"edited"\'')).toThrow('a fact is never changed');
    expect(() => raw.exec('DELETE FROM fact')).toThrow('a fact is never deleted');
    raw.close();
    index.close();
  });

  it('survives a restart with the same rows', async () => {
    const root = await folder();
    const before = new SqliteIndex(join(root, 'index.db'));
    await before.commit([{ kind: 'fact', key: { pk: 'E', sk: '1' }, body: { a: 'ü' } }]);
    before.close();
    const after = new SqliteIndex(join(root, 'index.db'));
    expect((await after.get({ pk: 'E', sk: '1' }))?.body).toEqual({ a: 'ü' });
    after.close();
  });

  it('vault files are read-only and leave no temporary file behind', async () => {
    const root = await folder();
    const vault = new FileVault(root, unique);
    const key = `blobs/${'c'.repeat(64)}`;
    await vault.putOnce(key, new Uint8Array([1]));
    await vault.putOnce(key, new Uint8Array([2]));
    expect((await stat(join(root, key))).mode & 0o777).toBe(0o444);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('R12 the development signer signs what its public key verifies, and keeps its key', async () => {
    const path = join(await folder(), 'key.pem');
    const signer = await openDevSigner(path);
    const message = new TextEncoder().encode('statement');
    const signature = await signer.sign(message);
    expect(verifyP256(signer.spki, message, signature)).toBe(true);
    expect(verifyP256(signer.spki, new TextEncoder().encode('Statement'), signature)).toBe(false);
    expect(signer.keyid).toBe(keyIdOf(signer.spki));
    expect((await openDevSigner(path)).keyid).toBe(signer.keyid);
    expect(signer.keyClass).toBe('dev');
  });
});
