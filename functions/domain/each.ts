/** One after the other, each for itself: what goes wrong with one holds up no other, and is told when all had their turn. */
export async function eachForItself<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const faults: unknown[] = [];
  for (const item of items) {
    const [done] = await Promise.allSettled([work(item)]);
    if (done?.status === 'rejected') faults.push(done.reason);
  }
  if (faults.length > 0) throw faults[0];
}
