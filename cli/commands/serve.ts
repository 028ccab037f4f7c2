import { SAMPLE_PEOPLE, SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import type { LogEntry } from '../../functions/http/app.ts';
import { EXIT, type Exit, note } from '../output.ts';
import { type Running, startServer } from '../server.ts';

export type ServeFlags = { readonly data: string; readonly demo?: true; readonly shadow?: string };

/** One JSON line per event on standard output: time added here, nothing personal inside. */
export const logLine = (entry: LogEntry): void =>
  void process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);

/** Serves until SIGINT or SIGTERM, then finishes what is running and closes. */
export async function serve({ data, demo, shadow }: ServeFlags): Promise<Exit> {
  const running = await startServer({ data, demo: demo === true, log: logLine, shadow });
  note(`listening on ${running.baseUrl}`);
  if (demo) {
    note('sample people (samples, not secrets; never use --demo for real decisions):');
    for (const person of SAMPLE_PEOPLE)
      note(`  ${person.username.padEnd(8)} ${person.password.padEnd(26)} ${person.roles.join(', ') || 'no role'}`);
    for (const service of SAMPLE_SERVICES)
      note(`  ${service.roles.join(', ')} ${service.clientId} with secret ${service.secret}`);
  }
  await signalled(running);
  return EXIT.yes;
}

async function signalled(running: Running): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(name));
  });
  note(`${signal}: finishing what is running`);
  await running.stop();
}
