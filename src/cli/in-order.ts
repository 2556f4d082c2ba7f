/**
 * Works on items, several at a time. Where the work on one throws, no further ones are begun.
 * @throws what the work on an item threw, once the work on the others has ended
 */
export async function severalAtATime<Item>(
  items: Iterable<Item>,
  parallel: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const workOn = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true && !failed; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: parallel }, workOn));
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}

/**
 * Works on items, several at a time, and hands the results over in the order of the items.
 * @throws as {@link severalAtATime}; results of the items before the one that failed are handed over
 */
export async function inOrder<Item, Result>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item) => Promise<Result>,
  onResult: (result: Result) => void,
): Promise<void> {
  const finished = new Map<number, Result>();
  let due = 0;
  await severalAtATime(items.entries(), parallel, async ([index, item]) => {
    finished.set(index, await work(item));
    for (; finished.has(due); due++) {
      const result = finished.get(due) as Result;
      finished.delete(due);
      onResult(result);
    }
  });
}
