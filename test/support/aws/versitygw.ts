// versitygw (Go): the S3 server whose Object Lock refuses what AWS refuses. Wherever a write-once claim is made, it is made here.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { builtOnce } from '../../../policies/tools/go-build.ts';
import { type Started, startEngine } from './engine.ts';

/** The one account it is started with. */
export const VERSITYGW_ACCESS = { accessKeyId: 'countersign', secretAccessKey: 'countersign-test' } as const;

const binary = (): Promise<string> =>
  builtOnce(
    {
      name: 'versitygw',
      title: 'versitygw 1.8.0',
      takes: 'about a minute and a half on two cores',
      folder: join(import.meta.dirname, '../../aws/versitygw'),
      target: 'github.com/versity/versitygw/cmd/versitygw',
    },
    (line) => process.stderr.write(`${line}\n`),
  );

export async function startVersitygw(
  access: { accessKeyId: string; secretAccessKey: string } = VERSITYGW_ACCESS,
): Promise<Started> {
  const program = await binary();
  return startEngine({
    name: 'versitygw',
    command: (folder, port) => {
      // Versions and accounts lie outside the data folder, else it lists them as buckets.
      const [data, versions, accounts] = [join(folder, 'data'), join(folder, 'versions'), join(folder, 'accounts')];
      for (const each of [data, versions, accounts]) mkdirSync(each);
      const store = ['posix', '--versioning-dir', versions, data];
      return [program, '--port', `127.0.0.1:${port}`, '--quiet', '--iam-dir', accounts, ...store];
    },
    env: () => ({ ROOT_ACCESS_KEY: access.accessKeyId, ROOT_SECRET_KEY: access.secretAccessKey }),
    ready: async (url) => (await fetch(url)).status > 0, // it answers 403 to a call without signature
  });
}
