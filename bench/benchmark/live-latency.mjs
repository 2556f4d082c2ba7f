/** What a benchmark costs the calls that come while it runs. */
import { closedLoop, openLoop, percentile } from '../serve/load-generator.mjs';
import { registerLfw, withOwnService } from './own-service.mjs';

const capacityClients = 4;

/**
 * Verify at a steady rate, in turns without and with a benchmark that runs.
 * @param lfw as `lfwList` gives it: enough images that the benchmark does not end
 * @param images two encoded photographs
 * @param load share of the calls that the service answers at most
 */
export async function measureLiveLatency(lfw, images, { load, seconds, rounds }, say) {
  return withOwnService(async (client) => {
    const dataset = await registerLfw(client, lfw);
    const [imageA, imageB] = images.map((content) => ({ content }));
    const faceSelection = 'FACE_SELECTION_LARGEST';
    const verify = () => client.faceVerification.verify({ imageA, imageB, faceSelection });
    say('warming up, and how many calls are answered at most');
    await closedLoop(verify, capacityClients, 3000);
    const { perSecond: capacityPerSecond } = await closedLoop(verify, capacityClients, seconds * 500);
    const rate = load * capacityPerSecond;
    const without = [];
    const beside = [];
    const measure = (latenciesMs) =>
      openLoop(verify, rate, seconds * 1000, (latencyMs) => latenciesMs.push(latencyMs));
    const failures = [];
    let measuredImages = 0;
    let benchmarkImages = 0;
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}`);
      failures.push((await measure(without)).failures);
      const { from, to } = await whileBenchmarkRuns(client, dataset, measuredImages, async () => {
        failures.push((await measure(beside)).failures);
      });
      measuredImages = to;
      benchmarkImages += to - from;
    }
    return {
      capacityPerSecond,
      offeredPerSecond: rate,
      without: summaryOf(without),
      beside: summaryOf(beside),
      benchmarkImagesPerSecond: benchmarkImages / (rounds * seconds),
      failures: failures.filter((counts) => Object.keys(counts).length > 0),
      p50Ratio: summaryOf(beside).p50Ms / summaryOf(without).p50Ms,
      p95Ratio: summaryOf(beside).p95Ms / summaryOf(without).p95Ms,
    };
  });
}

/**
 * What an earlier run measured is taken from the store: first the benchmark has to come to where that one was cancelled.
 * @returns how many images were measured before and after `work`
 */
async function whileBenchmarkRuns(client, dataset, measuredImages, work) {
  const { name } = (await client.benchmark.createBenchmarkRun({ dataset })).job;
  const progress = async () => (await client.job.getJob({ name })).job;
  const imagesOf = ({ benchmarkRun }) => benchmarkRun.finishedImageCount;
  let before = await progress();
  for (; imagesOf(before) <= measuredImages; before = await progress())
    await new Promise((resolve) => setTimeout(resolve, 20));
  await work();
  const after = await progress();
  if (after.state !== 'JOB_STATE_RUNNING')
    throw new Error('the benchmark ended too soon: give it more images with --pairs');
  await client.job.cancelJob({ name });
  return { from: imagesOf(before), to: imagesOf(after) };
}

function summaryOf(latenciesMs) {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    calls: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    p99Ms: percentile(sorted, 0.99),
  };
}
