/**
 * `npm run bench:serve`: what a photograph of one, 12 and 48 megapixels costs, and throughput and latency of Embed through the
 * service, beside the same networks in a bare loop, @vladmandic/face-api, @vladmandic/human and imported reference models,
 * in one run. Stops by itself; all traffic stays on loopback.
 *
 *   node bench/serve/main.mjs --photograph FILE [--seconds 10] [--memory-requests 20000] [--cost-only] [--output report.json]
 *     [--models ../shared/models]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { engineOptionsOf } from '../../dist/service/models/engine-options.js';
import { readConfiguration } from '../../dist/service/platform/configuration/configuration.js';
import { activeModels, inEachProcess, workerSetup } from './bare-processes.mjs';
import { closedLoop, openLoop } from './load-generator.mjs';
import { photographCost } from './photograph-cost.mjs';
import { childrenOf, cpuMs, longestStallMs, residentMebibytes, startService } from './service-process.mjs';

const { values: options } = parseArgs({
  options: {
    photograph: { type: 'string', default: '../shared/data/photos/obama.jpg' },
    seconds: { type: 'string', default: '10' },
    'memory-requests': { type: 'string', default: '20000' },
    models: { type: 'string', default: '../shared/models' },
    'cost-only': { type: 'boolean', default: false },
    output: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(`npm run bench:serve -- [options]
  --photograph FILE      of one face (../shared/data/photos/obama.jpg)
  --seconds N            of each measurement (10)
  --cost-only            only what a photograph costs, no load
  --memory-requests N    after which the memory is looked at (20000)
  --models FOLDER        of the reference models (../shared/models)
  --output FILE             the figures as JSON`);
  process.exit(0);
}
const durationMs = Number(options.seconds) * 1000;
const configuration = readConfiguration();
const grpcPort = 50_151;
/** As many a worker holds in place of a photograph. */
const cropsPerPhotograph = 4;
const photograph = await readFile(options.photograph);
const models = await activeModels(configuration);
const report = {
  machine: `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`,
  models: { backbone: models.backbone.version.id, detector: models.detector.version.id },
  photograph: options.photograph.split('/').at(-1),
};

say('what a photograph costs');
report.cost = await photographCost({
  photograph,
  durationMs,
  configuration,
  models,
  modelFolder: options.models,
  ports: { grpc: grpcPort, http: 50_152 },
  withClient,
});
printCost();
if (options['cost-only']) {
  await writeReport();
  process.exit(0);
}

say('bare loops');
// The control of the gateway's stalls: how late a process that does nothing is, beside workers that fill the cores.
const idleDelay = monitorEventLoopDelay({ resolution: 10 });
idleDelay.enable();
report.bare = {
  photographPerSecond: await bareLoop({ mode: 'photograph', photograph }),
  cropBatch1PerSecond: await bareLoop({ mode: 'crop', batchSize: 1 }),
  cropBatch8PerSecond: await bareLoop({ mode: 'crop', batchSize: 8 }),
};
idleDelay.disable();
report.bare.idleProcessStallMs = idleDelay.max / 1e6;
say('the peer');
report.faceApiWasm = await peer();

const service = await startService(grpcPort, 50_152);
const client = new SymFaceClient({ server: `127.0.0.1:${grpcPort}`, timeoutMs: 60_000 });
try {
  const { width, height } = models.backbone.version.manifest.input;
  const crop = await sharp(photograph).resize(width, height, { fit: 'cover' }).png().toBuffer();
  const calls = {
    alignedCrop: () =>
      client.faceVerification.embed({ image: { content: crop, kind: 'IMAGE_KIND_ALIGNED_CROP' } }),
    photograph: () =>
      client.faceVerification.embed({
        image: { content: photograph },
        faceSelection: 'FACE_SELECTION_LARGEST',
      }),
  };
  report.service = {};
  for (const [name, call] of Object.entries(calls)) {
    await closedLoop(call, 4, 2000);
    report.service[name] = [];
    for (const clients of [1, 4, 16, 64]) {
      say(`service, ${name}, ${clients} clients`);
      await longestStallMs(service.httpUrl);
      const before = cpuOfAll();
      const measured = await closedLoop(call, clients, durationMs);
      const after = cpuOfAll();
      report.service[name].push({
        ...measured,
        longestStallMs: await longestStallMs(service.httpUrl),
        cpuMsPerCall: Object.fromEntries(
          Object.entries(after).map(([process, ms]) => [process, (ms - before[process]) / measured.accepted]),
        ),
      });
    }
  }
  say('overload: four times the calls that the service answers');
  // One connection without keys gets half of the queue.
  const held =
    Math.floor(configuration.queueCapacity / 2) +
    configuration.workerCount * cropsPerPhotograph * engineOptionsOf(configuration).photographsPerWorker;
  const atCapacity = await closedLoop(calls.alignedCrop, held, durationMs);
  report.overload = {
    atCapacity,
    fourfold: await openLoop(calls.alignedCrop, 4 * atCapacity.perSecond, durationMs),
  };
  say(`memory over ${options['memory-requests']} requests`);
  report.memory = await memory(calls.alignedCrop, Number(options['memory-requests']));
} finally {
  client.close();
  await service.stop();
}
report.ratios = ratios();
print();
await writeReport();

async function writeReport() {
  if (options.output !== undefined) await writeFile(options.output, `${JSON.stringify(report, null, 2)}\n`);
}

async function withClient(server, work) {
  const own = new SymFaceClient({ server, timeoutMs: 60_000 });
  try {
    return await work((content) =>
      own.faceVerification.embed({ image: { content }, faceSelection: 'FACE_SELECTION_LARGEST' }),
    );
  } finally {
    own.close();
  }
}

function printCost() {
  console.log('\nA photograph, from decoding to embedding, in one process');
  console.log('| size | system | CPU ms | ms | |\n| --- | --- | --: | --: | --- |');
  for (const { size, system, cpuMs: cpu, wallMs, gatewayCpuMs, version, error } of report.cost) {
    const note =
      gatewayCpuMs === undefined ? (version ?? '') : `gateway ${gatewayCpuMs.toFixed(1)} ms of CPU more`;
    const figures =
      error === undefined ? `${cpu.toFixed(1)} | ${wallMs.toFixed(1)} | ${note}` : ` | | ${error}`;
    console.log(`| ${size} | ${system} | ${figures} |`);
  }
}

function cpuOfAll() {
  return {
    gateway: cpuMs(service.child.pid),
    workers: childrenOf(service.child.pid).reduce((sum, child) => sum + cpuMs(child), 0),
    loadGenerator: cpuMs(process.pid),
  };
}

async function bareLoop(task) {
  const setup = workerSetup(configuration, models);
  const results = await inEachProcess(configuration.workerCount, './bare-loop.mjs', {
    setup,
    durationMs,
    ...task,
  });
  return perSecondOf(results);
}

async function peer() {
  const results = await inEachProcess(configuration.workerCount, './face-api-peer.mjs', {
    photograph,
    durationMs,
  });
  return { version: results[0].version, photographPerSecond: perSecondOf(results) };
}

function perSecondOf(results) {
  return results.reduce((sum, { images, seconds }) => sum + images / seconds, 0);
}

async function memory(call, requests) {
  const samples = [];
  const perStep = Math.ceil(requests / 10);
  for (let step = 0; step <= 10; step++) {
    samples.push(residentMebibytes(service.child.pid));
    if (step === 10) break;
    let left = perStep;
    const lane = async () => {
      while (left-- > 0) await call();
    };
    await Promise.all(Array.from({ length: 16 }, lane));
  }
  return { requests, residentMebibytes: samples };
}

function ratios() {
  const best = (rows) => Math.max(...rows.map((row) => row.perSecond));
  return {
    cropServiceToBare:
      best(report.service.alignedCrop) /
      Math.max(report.bare.cropBatch1PerSecond, report.bare.cropBatch8PerSecond),
    photographServiceToBare: best(report.service.photograph) / report.bare.photographPerSecond,
    photographServiceToFaceApi: best(report.service.photograph) / report.faceApiWasm.photographPerSecond,
  };
}

function print() {
  const { service: measured, ...rest } = report;
  console.log(JSON.stringify(rest, null, 2));
  for (const [name, rows] of Object.entries(measured)) {
    console.log(`\nEmbed, ${name}`);
    console.table(
      rows.map(({ clients, perSecond, p50Ms, p95Ms, p99Ms, longestStallMs: stall, cpuMsPerCall }) => ({
        clients,
        'images/s': perSecond.toFixed(1),
        'p50 ms': p50Ms.toFixed(0),
        'p95 ms': p95Ms.toFixed(0),
        'p99 ms': p99Ms.toFixed(0),
        'longest stall ms': stall.toFixed(1),
        'CPU ms/call: gateway': cpuMsPerCall.gateway.toFixed(1),
        workers: cpuMsPerCall.workers.toFixed(1),
        'load generator': cpuMsPerCall.loadGenerator.toFixed(1),
      })),
    );
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
