import { access, mkdir, writeFile } from 'node:fs/promises';
import { InlineWorkflow } from '../../functions/adapters/local/inline-workflow.ts';
import { API_AUDIENCE, CONSOLE_CLIENT } from '../../functions/adapters/local/openid-provider.ts';
import { firstKeys } from '../../functions/keys/changes.ts';
import { finishKeys } from '../../functions/keys/keys.ts';
import { begin } from '../../functions/seal/beginning.ts';
import { type Config, openStores, paths, random, writeTrust } from '../embedded.ts';
import { EXIT, type Exit, hanging, say as toOutput } from '../output.ts';
import { readPackFolder, SHIPPED_PACK } from '../pack-folder.ts';
import { refuse } from './context.ts';

export type InitFlags = {
  readonly data: string;
  readonly organisation: string;
  readonly retentionOwner: string;
  readonly baseUrl: string;
  readonly pack?: string;
  readonly issuer?: string;
  readonly clientSecret?: string;
};

/** Makes a data folder and seals its start: from here on promotions are recorded, and nothing before is filled in (R20). */
export async function init(flags: InitFlags, say: (line: string) => void = toOutput): Promise<Exit> {
  await mkdir(flags.data, { recursive: true, mode: 0o700 });
  const stores = await openStores(flags.data);
  try {
    const { pack, files } = await readPackFolder(flags.pack ?? SHIPPED_PACK);
    const config = await keepConfig(flags);
    const workflow = new InlineWorkflow(
      async () => undefined,
      () => undefined,
    );
    const given = { organisation: config.organisation, retentionOwner: config.retentionOwner };
    const begun = await begin({ ...stores, workflow }, given, { digest: pack.digest, files });
    if (!begun.ok) return refuse(begun.problems);
    await firstKeys(stores, stores.tlog);
    await finishKeys(stores, [stores.signer]);
    const environments = new Map([...pack.lines.values()].flatMap((line) => line.environments).map((one) => [one.name, one]));
    for (const environment of environments.values()) await writeTrust(flags.data, stores, config.issuer.url, environment);
    const releases = { name: 'policy-releases', class: stores.signer.keyClass };
    await writeTrust(flags.data, stores, config.issuer.url, releases, paths(flags.data).releaseTrust);
    const told = (name: string, text: string) => say(hanging(`  ${name.padEnd(11)} `, text));
    say(`started ${flags.data} for ${config.organisation}; kept by ${config.retentionOwner}`);
    told('start', begun.value.start);
    told('policy', pack.digest);
    told('in force', `by ${begun.value.activation}`);
    told('releases', `signed by a key of ${paths(flags.data).releaseTrust}`);
    told('log', `${stores.tlog.origin}, its key in every trust file`);
    told('lines', `${pack.lines.size} registered`);
    told('trust', `${[...environments.keys()].map((name) => paths(flags.data).trust(name)).join(', ')}`);
    told('signing key', `a development key in ${paths(flags.data).signer}: production gates refuse it`);
    return EXIT.yes;
  } finally {
    stores.close();
  }
}

async function keepConfig(flags: InitFlags): Promise<Config> {
  const config: Config = {
    schema: 'config/v0',
    baseUrl: flags.baseUrl.replace(/\/$/, ''),
    organisation: flags.organisation,
    retentionOwner: flags.retentionOwner,
    issuer: {
      url: flags.issuer ?? `${flags.baseUrl.replace(/\/$/, '')}/idp`,
      audience: API_AUDIENCE,
      rolesClaim: 'roles',
      clientId: CONSOLE_CLIENT,
      clientSecret: flags.clientSecret ?? random(),
    },
  };
  const file = paths(flags.data).config;
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (!there) await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return config;
}
