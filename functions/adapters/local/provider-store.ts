// Where the sample provider keeps its sessions, codes and grants. In memory on purpose: a restart signs everybody out, and
// nothing of it is evidence. The library's own memory store warns on every start and is shared between providers.

type Payload = Readonly<Record<string, unknown>>;
type Entry = { readonly payload: Payload; readonly until: number };

/** The shape oidc-provider asks of an adapter, one per model. */
type ModelStore = {
  upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(): Promise<undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
};

/** Anybody may start a sign-in, so each model keeps a bounded number of entries: the oldest go first. */
const LIMIT = 2000;

/** `nowMs` decides what has expired; the library checks `exp` itself as well. */
export function providerStore(nowMs: () => number): (model: string) => ModelStore {
  return () => {
    const entries = new Map<string, Entry>();
    const live = (entry: Entry | undefined) => (entry && entry.until > nowMs() ? entry.payload : undefined);
    const make = (id: string, payload: Payload, until: number) => {
      entries.delete(id);
      entries.set(id, { payload, until });
      for (const [key, entry] of entries) {
        if (entry.until > nowMs() && entries.size <= LIMIT) break;
        entries.delete(key);
      }
    };
    return {
      upsert: async (id, payload, expiresIn) =>
        make(id, payload, expiresIn === undefined ? Number.POSITIVE_INFINITY : nowMs() + expiresIn * 1000),
      find: async (id) => live(entries.get(id)),
      findByUid: async (uid) => live([...entries.values()].find((entry) => entry.payload['uid'] === uid)),
      findByUserCode: async () => undefined, // no device flow here
      consume: async (id) => {
        const entry = entries.get(id);
        if (entry) make(id, { ...entry.payload, consumed: Math.floor(nowMs() / 1000) }, entry.until);
      },
      destroy: async (id) => void entries.delete(id),
      revokeByGrantId: async (grantId) => {
        for (const [id, entry] of entries) if (entry.payload['grantId'] === grantId) entries.delete(id);
      },
    };
  };
}
