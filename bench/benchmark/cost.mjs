/** What a whole benchmark takes, beside what its embeddings take without a service. */
import { readConfiguration } from '../../dist/service/platform/configuration/configuration.js';
import { activeModels, inEachProcess, workerSetup } from '../serve/bare-processes.mjs';
import { childrenOf, cpuMs } from '../serve/service-process.mjs';
import { registerLfw, withOwnService } from './own-service.mjs';

/**
 * Bare processes embed one half of the images before the service's run and the other after it, so that a machine that
 * becomes slower or faster does so for both.
 * @param lfw as `lfwList` gives it
 */
export async function measureCost(lfw, say) {
  const configuration = readConfiguration();
  const setup = workerSetup(configuration, await activeModels(configuration));
  const halfOf = (half) => lfw.files.filter((_, index) => index % 2 === half);
  const bare = (files) => bareRun(configuration.workerCount, setup, files);
  say('bare loops, first half of the images');
  const first = await bare(halfOf(0));
  say(`a benchmark of ${lfw.files.length} images`);
  const run = await benchmarkRun(lfw);
  say('bare loops, second half of the images');
  const second = await bare(halfOf(1));
  const bareSeconds = first.seconds + second.seconds;
  return {
    images: lfw.files.length,
    workers: configuration.workerCount,
    bareSeconds,
    bareFirstHalfSeconds: first.seconds,
    bareFaces: first.faces + second.faces,
    bareCpuMsPerImage: (first.cpuMs + second.cpuMs) / lfw.files.length,
    ...run,
    ratio: run.benchmarkSeconds / bareSeconds,
  };
}

/** Seconds at the rate of all processes together: none waits for the last one. */
async function bareRun(workerCount, setup, files) {
  const results = await inEachProcess(workerCount, './bare-loop.mjs', (process) => ({
    mode: 'files',
    setup,
    files: files.filter((_, index) => index % workerCount === process),
  }));
  const sum = (of) => results.reduce((total, result) => total + of(result), 0);
  const perSecond = sum(({ images, seconds }) => images / seconds);
  return {
    seconds: files.length / perSecond,
    faces: sum(({ faces }) => faces),
    cpuMs: sum((result) => result.cpuMs),
  };
}

/** From the call that starts it to its report; reading the list and the figures are part of it. */
async function benchmarkRun(lfw) {
  return withOwnService(async (client, { child }) => {
    const dataset = await registerLfw(client, lfw);
    const before = cpuOf(child.pid);
    const startedAtMs = performance.now();
    let last = (await client.benchmark.createBenchmarkRun({ dataset })).job;
    let embeddedMs;
    for await (const { job } of client.job.watchJob({ name: last.name })) {
      last = job;
      const { finishedImageCount, imageCount } = job.benchmarkRun;
      if (finishedImageCount === imageCount) embeddedMs ??= performance.now() - startedAtMs;
    }
    const after = cpuOf(child.pid);
    const benchmarkSeconds = (performance.now() - startedAtMs) / 1000;
    if (last.state !== 'JOB_STATE_SUCCEEDED')
      throw new Error(`it ended as ${last.state}: ${last.error?.message}`);
    const { name } = last.benchmarkRun;
    const { benchmarkRun: run } = await client.benchmark.getBenchmarkRun({ name });
    const { accuracyMean, facelessImageCount } = run.report;
    return {
      benchmarkSeconds,
      lastImageAfterSeconds: embeddedMs / 1000,
      gatewayCpuMsPerImage: (after.gateway - before.gateway) / lfw.files.length,
      workersCpuMsPerImage: (after.workers - before.workers) / lfw.files.length,
      facelessImageCount,
      accuracyMean,
    };
  });
}

function cpuOf(gateway) {
  return {
    gateway: cpuMs(gateway),
    workers: childrenOf(gateway).reduce((sum, child) => sum + cpuMs(child), 0),
  };
}
