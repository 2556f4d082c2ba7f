/** Runs in a loop for a while. @param once resolves to the images that it took */
export async function timedLoop(once, { durationMs, warmUps }) {
  for (let warmUp = 0; warmUp < warmUps; warmUp++) await once();
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let images = 0;
  do images += await once();
  while (performance.now() - startedAtMs < durationMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { images, seconds: (performance.now() - startedAtMs) / 1000, cpuMs: (user + system) / 1000 };
}

/** Answers the one message that the process gets, and ends. @param work its result is the answer */
export function answerOnce(work) {
  process.once('message', (task) => {
    work(task)
      .catch((error) => ({ error: error.message }))
      .then((result) => process.send(result, () => process.disconnect()));
  });
}
