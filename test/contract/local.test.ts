import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../functions/adapters/local/clock.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { FileVault } from '../../functions/adapters/local/file-vault.ts';
import { InlineWorkflow } from '../../functions/adapters/local/inline-workflow.ts';
import { makeNoteSigner, openNoteSigner } from '../../functions/adapters/local/note-signer.ts';
import { createOidcIdentity } from '../../functions/adapters/local/oidc-identity.ts';
import { fileSpool } from '../../functions/adapters/local/spool.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { sessionsInMemory } from '../../functions/http/session-store.ts';
import { journalled } from '../../functions/journal.ts';
import type { Index } from '../../functions/ports.ts';
import { ISSUER } from '../support/world.ts';
import { indexLaws } from './index-laws.ts';
import { clockLaws, erasableLaws, identityLaws, signerLaws, workflowLaws } from './other-laws.ts';
import { BEGIN_SECONDS, sessionLaws, spoolLaws } from './private-laws.ts';
import { listed, vaultLaws } from './vault.ts';

const folder = () => mkdtemp(join(tmpdir(), 'countersign-'));
let count = 0;
const unique = () => `t${process.pid}-${count++}`;
const removing = (root: string) => rm(root, { recursive: true, force: true });

vaultLaws('files', async () => {
  const root = await folder();
  const again = async () => new FileVault(root, unique);
  return { vault: await again(), again, close: () => removing(root) };
});

/** Two connections to one file, as two processes have them. `over`: what stands on it. */
const sqlite = (over: (root: string, rows: SqliteIndex) => Index) => async () => {
  const root = await folder();
  const opened: SqliteIndex[] = [];
  const again = async () => {
    const rows = new SqliteIndex(join(root, 'index.db'));
    opened.push(rows);
    return over(root, rows);
  };
  const close = async () => {
    for (const rows of opened) rows.close();
    await removing(root);
  };
  return { index: await again(), again, close };
};

indexLaws(
  'SQLite',
  sqlite((_, rows) => rows),
);
indexLaws(
  'SQLite behind its journal',
  sqlite((root, rows) => journalled(new FileVault(join(root, 'vault'), unique), rows)),
);

signerLaws('the development signer', async () => openDevSigner(join(await folder(), 'key.pem')));
signerLaws('the note signer', async () => {
  const path = join(await folder(), 'log.key');
  await makeNoteSigner(path, () => 'log.example.test');
  const opened = await openNoteSigner(path);
  if (opened === undefined) throw new Error('no key');
  return opened.signer;
});

clockLaws("the machine's clock", (machine) => {
  const clock = systemClock();
  const now = vi.spyOn(Date, 'now');
  return {
    now: () => {
      now.mockReturnValueOnce(machine());
      return clock.now();
    },
  };
});

workflowLaws('in this process', (drive) => {
  const workflow = new InlineWorkflow(drive, (_, error) => {
    throw error;
  });
  return { workflow, idle: () => workflow.idle() };
});

identityLaws('OpenID Connect', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const stranger = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] };
  const identity = createOidcIdentity([{ issuer: ISSUER, audience: 'countersign', jwks, rolesClaim: 'roles' }], systemClock());
  const signed = (key: typeof privateKey, seconds: number) =>
    new SignJWT({ iss: ISSUER, sub: 'person-1', aud: 'countersign', azp: 'console' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(key);
  const token = await signed(privateKey, 600);
  const wrong = [
    '',
    'no token',
    `${token.slice(0, -4)}AAAA`,
    await signed(stranger.privateKey, 600),
    await signed(privateKey, -600),
  ];
  return { identity, right: { token, sub: 'person-1' }, wrong };
});

erasableLaws('SQLite', async () => {
  const root = await folder();
  const store = new SqliteIndex(join(root, 'index.db'));
  const bytes = async () => {
    const files = await Promise.all((await readdir(root)).map((name) => readFile(join(root, name))));
    return Buffer.concat(files).toString('latin1');
  };
  const close = async () => {
    store.close();
    await removing(root);
  };
  return { store, bytes, close };
});

spoolLaws('a file', async () => {
  const root = await folder();
  const again = () => fileSpool(join(root, 'notes.jsonl'));
  return { spool: again(), again, close: () => removing(root) };
});

sessionLaws('in memory', async () => {
  let now = BEGIN_SECONDS;
  const store = sessionsInMemory(() => now * 1000, 10);
  const later = (seconds: number) => {
    now += seconds;
  };
  return { store, later };
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

  it('R12 the development signer keeps its key', async () => {
    const path = join(await folder(), 'key.pem');
    const { keyid } = await openDevSigner(path);
    expect((await openDevSigner(path)).keyid).toBe(keyid);
  });

  it('LAW 5: what a crash leaves of a put is no object: neither listed nor there, and the key is free', async () => {
    const root = await folder();
    const vault = new FileVault(root, unique);
    const key = `blobs/${'d'.repeat(64)}`;
    await mkdir(join(root, 'tmp'), { recursive: true });
    await writeFile(join(root, 'tmp', 'left-by-a-crash'), 'half of the by');
    expect([await vault.get(key), await listed(vault, 'blobs/')]).toEqual([undefined, []]);
    expect(await vault.putOnce(key, new Uint8Array([1, 2]))).toEqual({ kind: 'stored' });
  });
});
