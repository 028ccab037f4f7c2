type ExpiringMap<T> = {
  set(key: string, value: T, untilMs: number): void;
  get(key: string | undefined): T | undefined;
  /** Answers the value and forgets it. */
  take(key: string | undefined): T | undefined;
};

/** Holds at most `limit` values, each until its time: strangers can fill it, so the oldest leave first. */
export function expiringMap<T>(nowMs: () => number, limit: number): ExpiringMap<T> {
  const entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  const get = (key: string | undefined) => {
    const entry = key === undefined ? undefined : entries.get(key);
    return entry && entry.untilMs > nowMs() ? entry.value : undefined;
  };
  return {
    set(key, value, untilMs) {
      entries.set(key, { value, untilMs });
      for (const [oldest, entry] of entries) {
        if (entries.size <= limit && entry.untilMs > nowMs()) break;
        entries.delete(oldest);
      }
    },
    get,
    take(key) {
      const value = get(key);
      if (key !== undefined) entries.delete(key);
      return value;
    },
  };
}
