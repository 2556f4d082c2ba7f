/**
 * `npm run bench:fairness`: how long a Verify of one tenant takes alone, and while another tenant's streams ask for all that there
 * is, in turn and in one run; and what 16 clients of one tenant get, which fairness must not cost. Starts services of its own on loopback, and stops by itself.
 *
 *   node bench/serve/fairness.mjs [--rounds 4] [--seconds 4] [--streams 100] [--photograph FILE] [--compare A=1,B=2] [--checkout FOLDER]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readSettings, withArms } from './arms.mjs';
import sharp from 'sharp';
import { closedLoop, percentile } from './load-generator.mjs';
import { longestStallMs, metricOf, processTreeCpuMs } from './service-process.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '4' },
    streams: { type: 'string', default: '100' },
    pairs: { type: 'string', default: '4' },
    photograph: { type: 'string', default: '../shared/data/photos/obama.jpg' },
    compare: { type: 'string' },
    checkout: { type: 'string' },
    settings: { type: 'string', default: '' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(`npm run bench:fairness -- [options]
  --rounds N           each alone, then beside the flood (4)
  --seconds N          of each measurement (4)
  --streams N          of the greedy tenant, each on a connection of its own (100)
  --pairs N            that each stream asks for at a time (4)
  --photograph FILE    of one face (../shared/data/photos/obama.jpg)
  --settings A=1,B=2   environment of the service
  --compare A=1,B=2    a second service with these, in turn with the first
  --checkout FOLDER    a second service of the build in another checkout, in turn with the first
  --profile FOLDER     where the gateway's CPU profile is written`);
  process.exit(0);
}
const photograph = await readFile(options.photograph);
const cropSide = 112;
const crop = await sharp(photograph).resize(cropSide, cropSide, { fit: 'cover' }).png().toBuffer();
const loads = {
  photographs: { content: photograph },
  'aligned crops': { content: crop, kind: 'IMAGE_KIND_ALIGNED_CROP' },
};
/** What a client does between two calls. */
const pauseMs = 50;
/** Until the flood fills the queue. */
const risingMs = 1_500;

const settings = { SYMFACE_ACCESS_LOG: 'on', SYMFACE_LOG_LEVEL: 'fatal', ...readSettings(options.settings) };
const arms = { 'as it is': { settings } };
if (options.compare !== undefined)
  arms[options.compare] = { settings: { ...settings, ...readSettings(options.compare) } };
if (options.checkout !== undefined) arms[options.checkout] = { settings, checkout: options.checkout };
const flood = fork(new URL('./flood-process.mjs', import.meta.url), [], { serialization: 'advanced' });
try {
  await withArms(arms, ['small', 'big'], measure, {
    stderr: 'pipe',
    nodeArguments: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
  });
} finally {
  flood.disconnect();
}

async function measure(all) {
  const measured = all.map((arm) => ({
    arm,
    client: arm.client('small'),
    alone: newFigures(),
    beside: newFigures(),
    together: Object.fromEntries(Object.keys(loads).map((name) => [name, newFigures()])),
  }));
  for (const { arm, client } of measured) {
    arm.readLog = readLogOf(arm.service.child.stderr);
    await verifications(client, 2_000);
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { arm, client, alone, beside, together } of measured) {
      await observe(arm, alone, () => verifications(client, Number(options.seconds) * 1000));
      await besideFlood(arm, beside, () => verifications(client, Number(options.seconds) * 1000));
      await sleep(500);
      for (const [name, image] of Object.entries(loads))
        await observe(arm, together[name], () => loadOf(client, image));
    }
  }
  for (const { arm, alone, beside, together } of measured) {
    show(arm.name, alone, beside);
    for (const [name, figures] of Object.entries(together)) showLoad(name, figures);
  }
}

/** Embed of 16 clients, each again once it is answered. */
async function loadOf({ faceVerification }, image) {
  const latenciesMs = [];
  const call = async () => {
    const beganMs = performance.now();
    await faceVerification.embed({ image, faceSelection: 'FACE_SELECTION_LARGEST' });
    latenciesMs.push(performance.now() - beganMs);
  };
  const { failures } = await closedLoop(call, 16, Number(options.seconds) * 1000);
  return { ms: latenciesMs, failed: Object.keys(failures).length, spans: [] };
}

function showLoad(name, { ms, cpuMs, wallMs, images }) {
  console.log(
    `16 clients, ${name}: ${((1000 * images) / wallMs).toFixed(1)} images a second, ${(cpuMs.workers / images).toFixed(1)} ms of a worker ` +
      `and ${(cpuMs.gateway / images).toFixed(1)} ms of the gateway each; p50 ${share(ms, 0.5)} p95 ${share(ms, 0.95)} ms`,
  );
}

function newFigures() {
  return {
    ms: [],
    failed: 0,
    images: 0,
    stages: [],
    cpuMs: {},
    wallMs: 0,
    stallMs: 0,
    counts: { answered: 0, refused: 0 },
    spans: [],
    passedBy: [],
  };
}

async function besideFlood(arm, figures, work) {
  flood.send({
    server: arm.server,
    apiKey: arm.keys.big,
    streams: Number(options.streams),
    pairs: Number(options.pairs),
    photograph,
  });
  await sleep(risingMs);
  await observe(arm, figures, work);
  const counted = once(flood, 'message');
  flood.send('stop');
  const [{ answeredAtMs, refused }] = await counted;
  figures.counts.answered += answeredAtMs.length;
  figures.counts.refused += refused;
  for (const [begin, end] of figures.spans.splice(0))
    figures.passedBy.push(answeredAtMs.filter((at) => at > begin && at < end).length);
}

/** Does it, and notes what it took of the service. */
async function observe({ service, readLog }, figures, work) {
  readLog();
  await longestStallMs(service.httpUrl);
  const imagesBefore = await metricOf(service.httpUrl, 'symface_images_total');
  const [before, beganMs] = [processTreeCpuMs(service.child.pid), performance.now()];
  const { ms, failed, spans } = await work();
  figures.images += (await metricOf(service.httpUrl, 'symface_images_total')) - imagesBefore;
  figures.spans.push(...spans);
  figures.wallMs += performance.now() - beganMs;
  const after = processTreeCpuMs(service.child.pid);
  for (const [name, value] of Object.entries(after))
    figures.cpuMs[name] = (figures.cpuMs[name] ?? 0) + value - before[name];
  figures.ms.push(...ms);
  figures.failed += failed;
  figures.stallMs = Math.max(figures.stallMs, await longestStallMs(service.httpUrl));
  figures.stages.push(...readLog());
}

/** One Verify after the other. */
async function verifications({ faceVerification }, forMs) {
  const [ms, spans, endMs, image] = [[], [], performance.now() + forMs, { content: photograph }];
  let failed = 0;
  while (performance.now() < endMs) {
    const beganMs = performance.now();
    await faceVerification.verify({ imageA: image, imageB: image }).catch(() => failed++);
    const endedMs = performance.now();
    ms.push(endedMs - beganMs);
    // As the other process tells the time.
    spans.push([beganMs + performance.timeOrigin, endedMs + performance.timeOrigin]);
    await sleep(pauseMs);
  }
  return { ms, failed, spans };
}

/** @returns what gives the lines that came since it was last asked, of the calls of who is measured */
function readLogOf(stream) {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  return () => {
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    text = text.slice(whole.length);
    return whole
      .split('\n')
      .filter((line) => line.includes('"tenant":"small"'))
      .map((line) => JSON.parse(line))
      .map(({ durationMs, stagesMs }) => ({ ...stagesMs, 'in the gateway': durationMs }));
  };
}

function show(name, alone, beside) {
  console.log(`\n${name}: a pause of ${pauseMs} ms between calls, ${options.streams} streams beside`);
  for (const [when, { ms, failed, images, stages, cpuMs, wallMs, stallMs, counts }] of Object.entries({
    alone,
    beside,
  })) {
    const cores = Object.entries(cpuMs).map(([who, value]) => `${who} ${(value / wallMs).toFixed(2)}`);
    console.log(
      `${when.padEnd(7)} ${ms.length} calls, ${failed} failed, p50 ${share(ms, 0.5)} p95 ${share(ms, 0.95)} ms; cores: ${cores.join(', ')}; ` +
        `longest stall ${stallMs.toFixed(0)} ms; ${counts.answered} answered, ${counts.refused} refused; ` +
        `${images} images, ${(cpuMs.workers / images).toFixed(1)} ms of a worker each`,
    );
    const names = [...new Set(stages.flatMap((stage) => Object.keys(stage)))];
    const medians = names.map(
      (stage) =>
        `${stage} ${share(
          stages.map((of) => of[stage] ?? 0),
          0.5,
        )}`,
    );
    console.log(`        median ms: ${medians.join(', ')}`);
  }
  console.log(
    `pairs of the others that were answered while one waited: median ${share(beside.passedBy, 0.5)}`,
  );
  console.log(`p50 beside / alone: ${(share(beside.ms, 0.5) / share(alone.ms, 0.5)).toFixed(2)}`);
}

function share(values, part) {
  return Number(
    percentile(
      values.toSorted((a, b) => a - b),
      part,
    ).toFixed(1),
  );
}
