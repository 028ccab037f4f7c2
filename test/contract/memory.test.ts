// The fakes of the deterministic world are adapters, and are held to the laws that the product's own are held to.
import { journalled } from '../../functions/journal.ts';
import { memoryClock } from '../support/memory/clock.ts';
import { memoryIdentity } from '../support/memory/identity.ts';
import { MemoryIndex } from '../support/memory/index-rows.ts';
import { memorySigner } from '../support/memory/signers.ts';
import { memoryVault } from '../support/memory/vault.ts';
import { memoryWorkflow } from '../support/memory/workflow.ts';
import { ALICE, BOB } from '../support/world.ts';
import { indexLaws } from './index-laws.ts';
import { clockLaws, erasableLaws, identityLaws, signerLaws, workflowLaws } from './other-laws.ts';
import { vaultLaws } from './vault.ts';

const nothing = async () => undefined;

vaultLaws('memory', async () => {
  const vault = memoryVault();
  return { vault, again: async () => memoryVault(vault.objects), close: nothing };
});

indexLaws('memory', async () => {
  const index = new MemoryIndex();
  return { index, again: async () => index, close: nothing };
});

indexLaws('memory behind its journal', async () => {
  const [vault, rows] = [memoryVault(), new MemoryIndex()];
  const again = async () => journalled(vault, rows);
  return { index: await again(), again, close: nothing };
});

signerLaws('memory, P-256', async () => memorySigner('p256'));
signerLaws('memory, Ed25519', async () => memorySigner('ed25519'));

clockLaws('memory', (machine) => {
  const clock = memoryClock(0);
  let before = 0;
  return {
    now: () => {
      const said = machine();
      clock.later(said - before);
      before = said;
      return clock.now();
    },
  };
});

workflowLaws('memory', (drive) => {
  const workflow = memoryWorkflow(drive);
  return { workflow, idle: workflow.idle };
});

identityLaws('memory', async () => ({
  identity: memoryIdentity([ALICE, BOB]),
  right: { token: ALICE.token, sub: ALICE.principal.actor.sub },
  wrong: ['', 'no token', `${ALICE.token} `],
}));

erasableLaws('memory', async () => {
  const store = new MemoryIndex();
  return { store, bytes: async () => store.kept().join('\n'), close: nothing };
});
