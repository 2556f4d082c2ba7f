/**
 * `npm run bench:fairness`: how long a Verify of one tenant takes alone, and while another tenant's streams ask for all that
 * there is, in one run. Starts a service with API keys on loopback with a new data folder, and stops by itself.
 *
 *   node bench/serve/fairness.mjs [--seconds 10] [--streams 100] [--workers 1] [--photograph FILE]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SymFaceClient } from '../../dist/client/symface-client.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    streams: { type: 'string', default: '100' },
    workers: { type: 'string', default: '1' },
    'flood-with': { type: 'string' },
    photograph: { type: 'string', default: '../shared/data/photos/obama.jpg' },
  },
});
const durationMs = Number(options.seconds) * 1000;
const port = 50_171;
const image = { content: await readFile(options.photograph) };

if (options['flood-with'] !== undefined) {
  // The other tenant, in a process of its own: what it costs itself is not to slow down who is measured.
  const client = new SymFaceClient({
    server: `127.0.0.1:${port}`,
    apiKey: options['flood-with'],
    timeoutMs: 120_000,
  });
  const aborted = new AbortController();
  process.once('SIGTERM', () => aborted.abort());
  console.log(JSON.stringify(await floodOf(client, aborted.signal)));
  client.close();
  process.exit(0);
}

const dataFolder = await mkdtemp(join(tmpdir(), 'symface-fairness-'));
const environment = {
  ...process.env,
  SYMFACE_DATA_DIR: dataFolder,
  SYMFACE_AUTHENTICATION: 'api-key',
  SYMFACE_GRPC_PORT: String(port),
  SYMFACE_HTTP_PORT: String(port + 1),
  SYMFACE_WORKERS: options.workers,
  SYMFACE_LOG_LEVEL: 'fatal',
  SYMFACE_ACCESS_LOG: 'off',
};
await cp('.symface/models', join(dataFolder, 'models'), { recursive: true });
const keyOf = (tenant) =>
  execFileSync(process.execPath, ['dist/cli/main.js', 'keys', 'create', '--offline', '--tenant', tenant], {
    env: environment,
    encoding: 'utf8',
  }).trim();
const [smallKey, bigKey] = [keyOf('small'), keyOf('big')];
const service = spawn(process.execPath, ['dist/cli/main.js', 'serve'], { env: environment, stdio: 'ignore' });
const small = new SymFaceClient({ server: `127.0.0.1:${port}`, apiKey: smallKey, timeoutMs: 120_000 });
try {
  await served();
  const alone = await verifications(durationMs);
  const flood = spawn(process.execPath, [...process.argv.slice(1), '--flood-with', bigKey], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await sleep(4_000);
  const beside = await verifications(durationMs);
  const ended = flood.stdout.toArray();
  flood.kill('SIGTERM');
  const { answered, refused } = JSON.parse(Buffer.concat(await ended).toString());
  const show = (name, { milliseconds, failed }) =>
    console.log(
      `${name}: ${milliseconds.length} calls, ${failed} failed, p50 ${share(milliseconds, 0.5)} ms, p95 ${share(milliseconds, 0.95)} ms`,
    );
  show('alone', alone);
  show(
    `beside ${options.streams} streams of another tenant (${answered} answered, ${refused} refused)`,
    beside,
  );
  console.log(
    `p95, ratio: ${(share(beside.milliseconds, 0.95) / share(alone.milliseconds, 0.95)).toFixed(1)}`,
  );
} finally {
  small.close();
  service.kill('SIGTERM');
  await once(service, 'exit');
  await rm(dataFolder, { recursive: true });
}

async function served() {
  for (let attempt = 0; attempt < 240; attempt++) {
    try {
      await small.faceVerification.verify({ imageA: image, imageB: image });
      return;
    } catch {
      await sleep(250);
    }
  }
  throw new Error('the service does not serve');
}

/** One Verify after the other. */
async function verifications(forMs) {
  const [milliseconds, end] = [[], performance.now() + forMs];
  let failed = 0;
  while (performance.now() < end) {
    const beganMs = performance.now();
    await small.faceVerification.verify({ imageA: image, imageB: image }).catch(() => failed++);
    milliseconds.push(performance.now() - beganMs);
  }
  return { milliseconds: milliseconds.sort((a, b) => a - b), failed };
}

async function floodOf(client, signal) {
  const counts = { answered: 0, refused: 0 };
  async function* requests() {
    while (!signal.aborted) {
      yield { correlationId: 'flood', request: { imageA: image, imageB: image } };
      await sleep(20);
    }
  }
  const stream = async () => {
    for await (const { result } of client.faceVerification.streamVerify(requests(), { signal })) {
      if (result.error === undefined) counts.answered++;
      else counts.refused++;
    }
  };
  await Promise.allSettled(Array.from({ length: Number(options.streams) }, stream));
  return counts;
}

function share(sorted, part) {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]);
}
