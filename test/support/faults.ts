// Puts something around every call that a stage makes to vault, index or signer: a counter, a fault, a kill, a turn of a
// scheduler. The stages and the adapters under it are the product's and know nothing of it.
import { InfrastructureError } from '../../functions/domain/errors.ts';
import type { LogIdentity } from '../../functions/log/log.ts';
import type { Index, Signer, Vault, Write } from '../../functions/ports.ts';

type Ports = { readonly vault: Vault; readonly index: Index; readonly signer: Signer; readonly tlog: LogIdentity };

/** `on`: the vault key, or the sort keys of the rows. */
export type Call = { readonly op: string; readonly on: readonly string[] };

export type Around = <T>(call: Call, run: () => Promise<T>) => Promise<T>;

/** Calls that leave something behind: for these alone it matters whether the fault came before or after. */
export const leavesSomething = ({ op }: Call): boolean =>
  ['vault.putOnce', 'index.commit', 'signer.sign', 'log.sign'].includes(op);

export function around<S extends Ports>(stores: S, hook: Around): S {
  const { vault, index, signer, tlog } = stores;
  const skOf = (writes: readonly Write[]) => writes.map(({ key }) => key.sk);
  const ports: Ports = {
    vault: {
      putOnce: (key, bytes) => hook({ op: 'vault.putOnce', on: [key] }, () => vault.putOnce(key, bytes)),
      get: (key) => hook({ op: 'vault.get', on: [key] }, () => vault.get(key)),
      size: (key) => hook({ op: 'vault.size', on: [key] }, () => vault.size(key)),
      list: (prefix) => vault.list(prefix),
    },
    index: {
      get: (key) => hook({ op: 'index.get', on: [key.sk] }, () => index.get(key)),
      list: (pk, prefix) => hook({ op: 'index.list', on: [pk] }, () => index.list(pk, prefix)),
      commit: (writes) => hook({ op: 'index.commit', on: skOf(writes) }, () => index.commit(writes)),
    },
    signer: { ...signer, sign: (bytes) => hook({ op: 'signer.sign', on: [] }, () => signer.sign(bytes)) },
    tlog: {
      origin: tlog.origin,
      signer: { ...tlog.signer, sign: (bytes) => hook({ op: 'log.sign', on: [] }, () => tlog.signer.sign(bytes)) },
    },
  };
  return { ...stores, ...ports };
}

export type Moment = 'before' | 'after';

/** The k-th call (from 1) fails: before it took effect, or after, so that only its reply is lost. */
export function failing(k: number, moment: Moment): { hook: Around; calls: Call[] } {
  const calls: Call[] = [];
  const hook: Around = async (call, run) => {
    const mine = calls.push(call) === k;
    const fault = () => new InfrastructureError(`injected ${moment} ${call.op} ${call.on}`, { retryable: true });
    if (mine && moment === 'before') throw fault();
    const answer = await run();
    if (mine) throw fault();
    return answer;
  };
  return { hook, calls };
}
