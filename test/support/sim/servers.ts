// Several servers over one store, each with its own clock, workflow and line of the journal. A server may die at any call: whatever
// it was doing never goes on, whoever asked it hears nothing, and it starts again as `countersign serve` does.
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { drive, sweep } from '../../../functions/drive.ts';
import { journalled } from '../../../functions/journal.ts';
import type { LogIdentity } from '../../../functions/log/log.ts';
import { queueUnlogged, refuseOlderIndex } from '../../../functions/log/recover.ts';
import type { DriveWorld, Packs } from '../../../functions/packs.ts';
import type { Index, Vault } from '../../../functions/ports.ts';
import { type Around, around, type Call } from '../faults.ts';
import { memoryClock } from '../memory/clock.ts';
import type { MemoryIndex } from '../memory/index-rows.ts';
import type { Fate } from './fates.ts';
import type { Turns } from './turns.ts';
import type { Watcher } from './watcher.ts';

/** Stores that all servers share; `index`: the rows themselves, below every journal. */
export type Shared = {
  readonly vault: Vault & { readonly objects: Map<string, Uint8Array> };
  readonly rows: MemoryIndex;
  readonly signer: DriveWorld['signer'];
  readonly tlog: LogIdentity;
  readonly packs: Packs;
};

/** `rows`: the index without its journal. */
type ServerWorld = DriveWorld & { readonly rows: Index };

/** What a drill takes away: a change of the stores as a server sees them, below its journal or above it. */
export type Safeguard = { readonly below?: (shared: Shared) => Shared; readonly above?: (world: ServerWorld) => DriveWorld };

export type Setting = {
  readonly shared: Shared;
  readonly turns: Turns;
  readonly watcher: Watcher;
  readonly fate: (call: Call) => Fate | undefined;
  /** Whether the next wake is lost. */
  readonly losesWake: () => boolean;
  readonly begin: number;
  readonly without: Safeguard;
};

const NEVER = new Promise<never>(() => undefined);

export class Server {
  readonly number: number;
  readonly clock: ReturnType<typeof memoryClock>;
  readonly #setting: Setting;
  #life = 0;
  #died: () => void = () => undefined;
  #death: Promise<'died'> = NEVER;
  #world: DriveWorld;

  constructor(number: number, setting: Setting) {
    this.number = number;
    this.#setting = setting;
    // The second machine is seven seconds behind, the third fourteen: nothing may lean on their clocks being one.
    this.clock = memoryClock(setting.begin - number * 7000);
    this.#world = this.#born();
  }

  /** Runs something in this server. `died` when the server did: nobody knows how far it got. */
  ask<T>(work: (world: DriveWorld) => Promise<T>): Promise<T | 'died'> {
    return Promise.race([work(this.#world), this.#death]);
  }

  die(): void {
    this.#life++;
    this.#died();
    this.#world = this.#born();
    void this.#start();
  }

  /** What a server does when it starts, and at every tick. What cannot be finished now is finished by the next. */
  async sweep(): Promise<void> {
    await this.ask((world) => this.#setting.watcher.forgiving(() => sweep(world)));
  }

  async #start(): Promise<void> {
    const { watcher } = this.#setting;
    await this.ask(async (world) => {
      await watcher.forgiving(() => refuseOlderIndex(world));
      await watcher.forgiving(() => queueUnlogged(world));
    });
    await this.sweep();
  }

  #born(): DriveWorld {
    this.#death = new Promise((resolve) => {
      this.#died = () => resolve('died');
    });
    const { shared, without } = this.#setting;
    const below = (without.below ?? ((same) => same))(shared);
    const stores = around({ vault: below.vault, index: below.rows, signer: below.signer, tlog: below.tlog }, this.#hook());
    const world: ServerWorld = {
      ...stores,
      rows: stores.index,
      index: journalled(stores.vault, stores.index),
      packs: shared.packs,
      clock: this.clock,
      workflow: { wake: () => undefined },
    };
    const seen = (without.above ?? ((same) => same))(world);
    const whole: DriveWorld = { ...seen, workflow: this.#workflow(() => whole) };
    return whole;
  }

  /** One request after the other, as the embedded workflow; a wake may be lost. */
  #workflow(world: () => DriveWorld): DriveWorld['workflow'] {
    const { watcher, losesWake } = this.#setting;
    const waiting = new Set<RequestId>();
    let running = false;
    const run = async () => {
      running = true;
      for (const id of waiting) {
        waiting.delete(id);
        await watcher.forgiving(() => drive(world(), id));
      }
      running = false;
    };
    const wake = (id: RequestId) => {
      if (losesWake()) return;
      waiting.add(id);
      if (!running) void run();
    };
    return { wake };
  }

  #hook(): Around {
    const life = this.#life;
    const { turns, watcher, fate } = this.#setting;
    let throttled = 0;
    const gone = () => this.#life !== life;
    const fault = (what: string, { op, on }: Call) => new InfrastructureError(`${what} ${op} ${on}`, { retryable: true });
    return async (call, run) => {
      await turns.wait(this.number);
      if (gone()) return NEVER;
      const becomes = fate(call);
      if (becomes === 'throttle') throttled = 5;
      if (throttled-- > 0 || becomes === 'fail') throw fault('failed', call);
      if (becomes === 'crashBefore') return this.#crashed();
      let answer = await run();
      if (becomes === 'twice') answer = await run();
      await watcher.after(call);
      if (becomes === 'crashAfter') return this.#crashed();
      await turns.wait(this.number);
      if (gone()) return NEVER;
      if (becomes === 'lose') throw fault('lost the reply of', call);
      return answer;
    };
  }

  #crashed(): Promise<never> {
    this.die();
    return NEVER;
  }
}
