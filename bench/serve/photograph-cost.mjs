/**
 * What a photograph costs, from decoding to embedding: processor time (user and system) of the process that works on it, and
 * the time that passes, in one process with one thread of networks; of several sizes, and beside peers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { inEachProcess, workerSetup } from './bare-processes.mjs';
import { closedLoop } from './load-generator.mjs';
import { referencePair } from './reference-pair.mjs';
import { childrenOf, cpuMs, startService } from './service-process.mjs';

const largerMegapixels = [12, 48];
/** Enough that the next image is there when one is done, few enough that images do not wait. */
const clients = 2;

/**
 * @param withClient calls back with a function that embeds through the service at an address, and closes its client after
 * @returns a row for each system and size: { system, size, cpuMs, wallMs } or { system, size, error }
 */
export async function photographCost({
  photograph,
  durationMs,
  configuration,
  models,
  modelFolder,
  ports,
  withClient,
}) {
  const scratchFolder = await mkdtemp(join(tmpdir(), 'symface-bench-'));
  try {
    const reference = await referencePair(modelFolder, scratchFolder);
    const rows = [];
    for (const { size, encoded } of await sizesOf(photograph)) {
      const loop = (pair) => ({
        mode: 'photograph',
        setup: workerSetup(configuration, pair),
        photograph: encoded,
      });
      const systems = {
        'service, worker': () => serviceCost(encoded, durationMs, ports, withClient),
        'bare loop': () => processCost('./bare-loop.mjs', loop(models), durationMs),
        ...(reference !== undefined && {
          'RetinaFace 640 + reference MobileFaceNet': () =>
            processCost('./bare-loop.mjs', loop(reference), durationMs),
        }),
        '@vladmandic/face-api, wasm': () =>
          processCost('./face-api-peer.mjs', { photograph: encoded }, durationMs),
        '@vladmandic/human, wasm': () => processCost('./human-peer.mjs', { photograph: encoded }, durationMs),
      };
      for (const [system, measure] of Object.entries(systems)) {
        process.stderr.write(`${size}: ${system}\n`);
        rows.push({ system, size, ...(await measure().catch((error) => ({ error: error.message }))) });
      }
    }
    return rows;
  } finally {
    await rm(scratchFolder, { recursive: true });
  }
}

/** The photograph, and enlarged copies of it. */
async function sizesOf(photograph) {
  const { width, height } = await sharp(photograph).metadata();
  const larger = largerMegapixels.map(async (megapixels) => {
    const scale = Math.sqrt((megapixels * 1e6) / (width * height));
    const [wide, high] = [Math.floor(width * scale), Math.floor(height * scale)];
    const encoded = await sharp(photograph)
      .resize(wide, high, { fit: 'fill' })
      .jpeg({ quality: 90 })
      .toBuffer();
    return { size: `${wide}x${high}`, encoded };
  });
  return [{ size: `${width}x${height}`, encoded: photograph }, ...(await Promise.all(larger))];
}

async function processCost(module, task, durationMs) {
  const [{ images, seconds, cpuMs: total, version }] = await inEachProcess(1, module, {
    ...task,
    durationMs,
  });
  return {
    cpuMs: total / images,
    wallMs: (1000 * seconds) / images,
    ...(version === undefined ? {} : { version }),
  };
}

/** Of a service with one worker; the gateway's time is told apart. */
async function serviceCost(encoded, durationMs, { grpc, http }, withClient) {
  const service = await startService(grpc, http, { SYMFACE_WORKERS: '1' });
  try {
    return await withClient(`127.0.0.1:${grpc}`, async (embed) => {
      const call = () => embed(encoded);
      for (let warmUp = 0; warmUp < 5; warmUp++) await call();
      const [worker] = childrenOf(service.child.pid);
      const times = () => ({ worker: cpuMs(worker), gateway: cpuMs(service.child.pid) });
      const before = times();
      const { accepted, perSecond } = await closedLoop(call, clients, durationMs);
      const after = times();
      return {
        cpuMs: (after.worker - before.worker) / accepted,
        wallMs: 1000 / perSecond,
        gatewayCpuMs: (after.gateway - before.gateway) / accepted,
      };
    });
  } finally {
    await service.stop();
  }
}
