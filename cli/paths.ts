// Where everything lies in the data folder of one server.
import { join } from 'node:path';

export const paths = (data: string) => ({
  config: join(data, 'config.json'),
  index: join(data, 'index.db'),
  vault: join(data, 'vault'),
  signer: join(data, 'keys', 'signer.pem'),
  log: join(data, 'keys', 'log.key'),
  provider: join(data, 'keys', 'provider.json'),
  releaseTrust: join(data, 'release-trust.json'),
  witnesses: join(data, 'witnesses.json'),
  timestamping: join(data, 'timestamping.json'),
  health: join(data, 'health.jsonl'),
  registries: join(data, 'registries.json'),
  trust: (environment: string) => join(data, `trust-${environment}.json`),
});
