// A process of its own: the MLflow adapter hashes what the server at this address serves. Prints its peak memory before and after.
import { createMlflow } from '../../functions/adapters/registries/mlflow.ts';

const registry = createMlflow({ name: 'mlflow', url: process.argv[2] ?? '', keys: { secrets: [] } });
const peak = () => process.resourceUsage().maxRSS / 1024;
const before = peak();
const started = performance.now();
const found = await registry.resolve({ registry: 'mlflow', model: 'pd', version: '1', environment: 'sandbox' });
if (!found.ok) throw new Error(JSON.stringify(found.problems));
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ before, peak: peak(), seconds, digest: found.value.files[0]?.digest }));
