// One example for each command, after its flags: most people read nothing else.
import type { Command } from 'commander';

const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'countersign init --organisation "Example Bank" --retention-owner model-risk',
  serve: 'countersign serve --demo',
  doctor: 'countersign doctor --data .countersign',
  rebuild: 'countersign rebuild --data .countersign',
  audit: 'countersign audit --data .countersign',
  profile: 'countersign profile population.csv --columns age,income --segments region --out profile.json',
  plan: 'countersign plan models/credit --manifest promotion.yaml',
  request: 'countersign request models/credit --manifest promotion.yaml --wait',
  show: 'countersign show req-cbg576vc2nithryw4bztogh6mb',
  export: 'countersign export sha256:<64 digits> --out evidence',
  verify: 'countersign verify evidence --trust trust-production.json',
  replay: 'countersign replay evidence --trust trust-production.json',
  screen: 'countersign screen evidence --out screen.html',
  dispute: 'countersign dispute evidence --trust trust-production.json',
  'what-if': 'countersign what-if --base main --head policies/dist --vault .countersign/vault',
  gate: 'countersign gate sha256:<64 digits> --environment production --model ./model',
  rulebook: 'countersign rulebook POP-002',
  policy: 'countersign policy status',
  'policy try': 'countersign policy try scenario.json --set /population/score_psi_ppm=120000',
  'policy release': 'countersign policy release --out releases',
  'policy upload': 'countersign policy upload releases/<digest> --what-if what-if.json',
  'policy status': 'countersign policy status --json',
};

/** Adds its example to a command and to all below it. A command without one is a bug, seen by the test of the help texts. */
export function withExamples(command: Command, path = ''): void {
  for (const one of command.commands) {
    const name = `${path}${one.name()}`;
    const example = EXAMPLES[name];
    if (example !== undefined) one.addHelpText('after', `\nExample:\n  ${example}`);
    withExamples(one, `${name} `);
  }
}

export const helpWidth = { helpWidth: 100 };
