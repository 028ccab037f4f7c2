// Whose turn it is. Every call to a store waits here, and a seeded generator says which of those that wait goes on: one seed, one
// order. Nothing else in the deterministic world is random.

/** mulberry32: small, and the same everywhere. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** All that follows from the last turn has run: the stores are in memory, so nothing waits for anything but a turn. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Turns {
  readonly #draw: (below: number) => number;
  readonly #waiting: { readonly of: number; readonly go: () => void }[] = [];
  /** How many turns in a row a process gets: sometimes one is fast and the other asleep, as on real machines. */
  #favoured = 0;
  #stretch = 0;
  taken = 0;

  constructor(seed: number) {
    this.#draw = generator(seed);
  }

  /** `of`: the process that waits. */
  wait(of: number): Promise<void> {
    return new Promise((go) => void this.#waiting.push({ of, go }));
  }

  /** Gives turns until nobody waits. */
  async run(): Promise<void> {
    for (;;) {
      await settled();
      if (this.#waiting.length === 0) return;
      if (this.#stretch-- <= 0) {
        this.#favoured = this.#draw(4);
        this.#stretch = this.#draw(3) === 0 ? 40 : this.#draw(6);
      }
      const own = this.#waiting.filter(({ of }) => of === this.#favoured);
      const among = own.length > 0 ? own : this.#waiting;
      const next = among[this.#draw(among.length)];
      if (next === undefined) continue;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.taken++;
      next.go();
    }
  }
}
