// One example for each command, after its flags: most people read nothing else. And what its exit codes say (design §9).
import type { Command } from 'commander';
import type { Exit } from './output.ts';

const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'countersign init --organisation "Example Bank" --retention-owner model-risk',
  serve: 'countersign serve --demo',
  doctor: 'countersign doctor --data .countersign',
  rebuild: 'countersign rebuild --data .countersign',
  audit: 'countersign audit --data .countersign',
  'self-audit': 'countersign self-audit mlflow http://127.0.0.1:5000',
  profile: 'countersign profile population.csv --columns age,income --segments region --out profile.json',
  plan: 'countersign plan models/credit --manifest promotion.yaml',
  request: 'countersign request models/credit --manifest promotion.yaml --wait',
  show: 'countersign show req-cbg576vc2nithryw4bztogh6mb',
  export: 'countersign export sha256:<64 digits> --out pack.zip',
  verifier: 'countersign verifier > verifier.html',
  verify: 'countersign verify pack.zip --trust trust-production.json',
  replay: 'countersign replay pack.zip --trust trust-production.json',
  screen: 'countersign screen pack.zip --out screen.html',
  dispute: 'countersign dispute pack.zip --trust trust-production.json',
  'what-if': 'countersign what-if --base main --head policies/dist --vault .countersign/vault',
  gate: 'countersign gate sha256:<64 digits> --line credit --environment production --model model --name pd',
  rulebook: 'countersign rulebook POP-002',
  policy: 'countersign policy status',
  'policy try': 'countersign policy try scenario.json --set /population/score_psi_ppm=120000',
  'policy release': 'countersign policy release --out releases',
  'policy upload': 'countersign policy upload releases/<digest> --what-if what-if.json',
  'policy status': 'countersign policy status --json',
  archive: 'countersign archive credit production --reason "The product it decides for is closed."',
  'let-pass': 'countersign let-pass req-cbg576vc2nithryw4bztogh6mb',
  stats: 'countersign stats --json',
  line: 'countersign line credit --environment production',
  suspend: 'countersign suspend credit --environment production --reason "Complaints about limits."',
  resume: 'countersign resume credit --environment production --reason "The limits were explained."',
  freeze: 'countersign freeze --reason "The disk is being replaced."',
  thaw: 'countersign thaw --reason "The disk was replaced."',
  intent: 'countersign intent EVENT --line pd --environment prod --reason "Outage." --by ISS,SUB --key k.pem',
  ledger: 'countersign ledger credit --environment production --as-of 2026-10-31',
  rollback: 'countersign rollback pd --environment prod --to sha256:<64 digits> --reason "Refusals doubled."',
  revoke: 'countersign revoke pd --environment prod --event sha256:<64 digits> --reason "Wrong rows used."',
  'break-glass': 'countersign break-glass pd --environment prod --root R --manifest M --hours 24 --reason "Outage."',
  keys: 'countersign keys list',
  'keys list': 'countersign keys list --json',
  'keys rotate': 'countersign keys rotate seal --reason "The yearly change of keys."',
  'keys retire': 'countersign keys retire --reason "Every witness knows the new key."',
  'keys accuse': 'countersign keys accuse <key id> --since 2026-11-21T09:30:00.000Z',
  'keys compromise': 'countersign keys compromise <key id> --since 2026-11-21T09:30:00.000Z --reason "Stolen laptop."',
  'keys reattest': 'countersign keys reattest --reason "Sealed between the theft and its discovery."',
  'keys follow': 'countersign keys follow trust-production.json --from evidence',
  witness: 'countersign witness init --name audit.example.com/witness',
  'witness init': 'countersign witness init --name audit.example.com/witness',
  'witness serve': 'countersign witness serve --log "$(cat log.vkey)"',
  completion: 'countersign completion bash > ~/.local/share/bash-completion/completions/countersign',
};

/** Adds its example to a command and to all below it. A command without one is a bug, seen by the test of the help texts. */
export function withExamples(command: Command, path = ''): void {
  for (const one of command.commands) {
    const name = `${path}${one.name()}`;
    const example = EXAMPLES[name];
    for (const option of one.options) if (option.flags === '--json') option.description ||= 'one JSON document instead of text';
    if (example !== undefined) one.addHelpText('after', `\nExample:\n  ${example}`);
    withExamples(one, `${name} `);
  }
}

export const exampleOf = (path: string): string => EXAMPLES[path] ?? '';

type Exits = Partial<Record<Exit, string>>;

const ASKS: Exits = {
  2: 'the server refuses it',
  3: 'no answer, or the server cannot tell: treat it as a no',
  4: 'sign-in needed',
};
const CHECKS: Exits = { 3: 'no trust is given, or the pack holds what cannot be read' };

/** Beside 0 and 1, which every command has. */
const EXITS: Readonly<Record<string, Exits>> = {
  init: { 2: 'this data folder has its start already' },
  doctor: { 2: 'something is missing or broken', 3: 'with --aws: something could not be asked' },
  'self-audit': { 3: 'the registry does not answer, or answers what cannot be read' },
  profile: { 2: 'the rows or a baseline do not fit' },
  plan: { ...ASKS, 2: 'what is stated contradicts its files or the baselines; with --exit-code, people would be asked' },
  request: { ...ASKS, 2: 'refused, rejected or ended without approval' },
  show: ASKS,
  export: ASKS,
  verify: { 2: 'it does not verify', ...CHECKS },
  replay: { 2: 'another decision comes out', ...CHECKS },
  screen: { 2: 'the bytes are not those that were sealed, or nothing was shown', ...CHECKS },
  dispute: { 2: 'it should have gone to more people', ...CHECKS },
  'what-if': { 2: 'somebody must answer for a loosening, or a limit is crossed' },
  gate: { 0: 'it may run', 2: 'it may not', 3: 'cannot tell: it may not' },
  rulebook: ASKS,
  archive: ASKS,
  'let-pass': ASKS,
  stats: ASKS,
  line: ASKS,
  suspend: ASKS,
  resume: ASKS,
  thaw: { 2: 'it is not frozen' },
  intent: { 2: 'it is not well said' },
  ledger: { ...ASKS, 2: 'the chain of its entries is broken, or the server refuses it' },
  rollback: ASKS,
  revoke: ASKS,
  'break-glass': ASKS,
  'keys list': { 2: 'there is no list yet' },
  'keys rotate': { 2: 'refused' },
  'keys retire': { 2: 'refused' },
  'keys accuse': ASKS,
  'keys compromise': { 2: 'refused: two custodians must have said so' },
  'keys reattest': { 2: 'something was found nowhere: treat it as forged' },
  'keys follow': { 2: 'the newest list does not follow from the pinned one' },
  'policy upload': ASKS,
  'policy status': ASKS,
};

export const exitsOf = (path: string): Exits => ({ 0: 'done', 1: 'wrong use, or a bug', ...EXITS[path] });

export const helpWidth = { helpWidth: 100 };
