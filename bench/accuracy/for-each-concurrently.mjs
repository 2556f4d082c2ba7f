/**
 * Runs `work` over the items, `concurrency` at a time, with a progress line on standard error.
 * @returns results in the items' order
 */
export async function forEachConcurrently(items, concurrency, label, work) {
  const results = new Array(items.length);
  const startedAtMs = performance.now();
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index], index);
      done++;
      if (done % 50 === 0 || done === items.length) {
        const perSecond = done / ((performance.now() - startedAtMs) / 1000);
        const etaSeconds = Math.round((items.length - done) / perSecond);
        process.stderr.write(
          `\r${label}: ${done}/${items.length}, ${perSecond.toFixed(1)}/s, ETA ${etaSeconds} s   `,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  process.stderr.write('\n');
  return results;
}
