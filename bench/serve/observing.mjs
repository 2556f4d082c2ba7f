/**
 * `npm run bench:observing`: what the access log, metrics that are asked for once a second and traces cost the gateway: processor
 * time a call, beside a service without them, in turn and in one run. Starts services of its own on loopback, and stops by itself.
 *
 *   node bench/serve/observing.mjs [--rounds 12] [--verify 12] [--small 400] [--photograph FILE]
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { clearInterval, setInterval } from 'node:timers';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { withArms } from './arms.mjs';
import { percentile } from './load-generator.mjs';
import { metricOf } from './service-process.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    verify: { type: 'string', default: '12' },
    small: { type: 'string', default: '400' },
    photograph: { type: 'string', default: '../shared/data/photos/obama.jpg' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(`npm run bench:observing -- [options]
  --rounds N          of all services in turn (12)
  --verify N          calls of Verify in a round, one after the other (12)
  --small N           calls of GetCollection in a round, 20 at a time (400)
  --photograph FILE   of one face (../shared/data/photos/obama.jpg)`);
  process.exit(0);
}
const image = { content: await readFile(options.photograph) };
const callsAtOnce = 20;

const collector = createServer((request, response) => request.resume().on('end', () => response.end()));
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
const quiet = { SYMFACE_ACCESS_LOG: 'off', SYMFACE_LOG_LEVEL: 'fatal', SYMFACE_WORKERS: '1' };
const traced = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (collector.address()).port}`,
  OTEL_METRICS_EXPORTER: 'none',
};
const arms = {
  off: { settings: quiet },
  log: { settings: { ...quiet, SYMFACE_ACCESS_LOG: 'on' } },
  metrics: { settings: quiet },
  traces: { settings: { ...quiet, ...traced } },
};
try {
  await withArms(arms, ['acme'], measure, { stderr: 'pipe' });
} finally {
  collector.close();
}

async function measure(all) {
  const works = {
    Verify: { count: Number(options.verify), atOnce: 1, call: verify },
    GetCollection: { count: Number(options.small), atOnce: callsAtOnce, call: getCollection },
  };
  for (const arm of all) {
    arm.own = arm.client('acme');
    arm.service.child.stderr.resume();
    for (const work of Object.values(works)) await repeat(arm, work);
  }
  const figures = Object.fromEntries(Object.keys(works).map((work) => [work, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    // Backwards every second time, so that none is always the first.
    for (const arm of round % 2 === 0 ? all : [...all].reverse())
      for (const [name, work] of Object.entries(works)) {
        figures[name][round] ??= {};
        figures[name][round][arm.name] = await gatewayCpuMs(arm, work);
      }
  }
  for (const [name, rounds] of Object.entries(figures)) show(name, rounds);
}

/** @returns milliseconds of the gateway's processor time a call */
async function gatewayCpuMs(arm, work) {
  const { httpUrl } = arm.service;
  const cpuSeconds = () => metricOf(httpUrl, 'process_cpu_seconds_total');
  const before = await cpuSeconds();
  const asking = arm.name === 'metrics' ? setInterval(() => void cpuSeconds(), 1_000) : undefined;
  await repeat(arm, work);
  clearInterval(asking);
  return ((await cpuSeconds()) - before) * (1000 / work.count);
}

async function repeat({ own }, { count, atOnce, call }) {
  for (let done = 0; done < count; done += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - done) }, () => call(own)));
}

async function verify({ faceVerification }) {
  await faceVerification.verify({ imageA: image, imageB: image });
}

/** There is none: the cheapest call that asks the database. */
async function getCollection({ enrollment }) {
  await enrollment.getCollection({ name: 'collections/none' }).catch(() => undefined);
}

function show(name, rounds) {
  console.log(
    `\n${name}: the gateway's CPU ms a call, median of ${rounds.length} rounds, and beside "off" of the same round`,
  );
  for (const arm of Object.keys(arms)) {
    const ratios = rounds.map((round) => round[arm] / round.off);
    const quarter = (part) => share(ratios, part).toFixed(3);
    console.log(
      `${arm.padEnd(8)} ${share(
        rounds.map((round) => round[arm]),
        0.5,
      ).toFixed(3)} ms, ratio ${quarter(0.5)} (half of them ${quarter(0.25)} to ${quarter(0.75)})`,
    );
  }
}

function share(values, part) {
  return percentile(
    values.toSorted((a, b) => a - b),
    part,
  );
}
