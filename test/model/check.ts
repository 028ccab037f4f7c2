// `npm run model`: many random traces of the protocol hold every invariant and reach every end; without any one safeguard they do not.
// MODEL_SAMPLES says how many traces (README.md).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quint } from './quint.ts';

const SAMPLES = Number(process.env['MODEL_SAMPLES'] ?? 2000);
const STEPS = '--max-steps=60';
const say = (text: string) => void process.stdout.write(`${text}\n`);

function main(): number {
  let wrong = 0;
  const ends = ['--witnesses', 'sawApproved', 'sawRejected', 'sawAllLogged'];
  const whole = quint('protocol.qnt', 'model', [`--max-samples=${SAMPLES}`, STEPS, '--verbosity=1', ...ends]);
  say(`the protocol\n${whole.said.trim()}`);
  if (whole.violated || /witnessed in 0 trace/.test(whole.said)) wrong++;
  const modules = [...readFileSync(join(import.meta.dirname, 'broken.qnt'), 'utf8').matchAll(/^module (\w+)/gm)];
  for (const [, name = ''] of modules) {
    const { violated } = quint('broken.qnt', name, [`--max-samples=${SAMPLES * 4}`, STEPS, '--verbosity=1']);
    say(`${name}: ${violated ? 'an invariant breaks, as it must' : 'NOTHING BREAKS: the invariants do not see it'}`);
    if (!violated) wrong++;
  }
  say(wrong === 0 ? 'the model holds, and only with all its safeguards' : `${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

process.exitCode = main();
