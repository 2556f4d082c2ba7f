/** What has to hold for every data set, however broken: it is read or refused, soon, and without taking much memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readDataset } from '../../dist/datasets/verification/verification-formats.js';
import { Failure } from '../../dist/core/failure.js';

const maximumMs = 2000;
/** A gRPC status goes into HTTP/2 trailers, of which clients take 8 KiB, twice. */
const maximumMessageLength = 1000;
/**
 * An opcode of one byte may stand for an empty list or an entry of the memo, a line of two for a line's record, so memory
 * is bounded by a multiple of the input.
 */
const allowedBytes = (size) => 48 * 1024 * 1024 + 400 * size;

/**
 * Reads a data set and looks at what came of it.
 * @param source as `readDataset` takes it
 * @param size bytes of the file that was made up
 * @returns `{ outcome: 'read' | 'refused', ms, keptBytes }`
 * @throws Error saying what does not hold
 */
export async function checkInvariant(source, size) {
  const measured = await measure(source);
  // Garbage of earlier inputs may have been counted, and the machine may have been busy: what is real comes again.
  const isSuspect = measured.keptBytes > allowedBytes(size) || measured.ms > maximumMs;
  const { outcome, ms, keptBytes } = isSuspect ? await measureAfresh(source) : measured;
  if (outcome.error === undefined) await requireUsable(outcome.dataset);
  else requireTyped(outcome.error);
  if (ms > maximumMs) throw new Error(`took ${Math.round(ms)} ms`);
  if (keptBytes > allowedBytes(size)) {
    throw new Error(`took ${Math.round(keptBytes / 1024 / 1024)} MiB for ${size} bytes`);
  }
  return { outcome: outcome.error === undefined ? 'read' : 'refused', ms, keptBytes };
}

async function measureAfresh(source) {
  await sleep(10);
  globalThis.gc();
  return measure(source);
}

/** @returns {Promise<{ outcome: { dataset?: object, error?: unknown }, ms: number, keptBytes: number }>} */
async function measure(source) {
  const bytesBefore = usedBytes();
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const outcome = await readDataset(source).then(
    (dataset) => ({ dataset }),
    (error) => ({ error }),
  );
  const keptBytes = usedBytes() - bytesBefore;
  const { user, system } = process.cpuUsage(cpuBefore);
  // On a machine that is busy with other things the clock says little, and the collector's threads count double.
  const ms = Math.min(performance.now() - startedAtMs, (user + system) / 1000);
  return { outcome, ms, keptBytes };
}

function usedBytes() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function requireTyped(error) {
  if (!(error instanceof Failure))
    throw new Error(`is answered by ${String(error).slice(0, 200)}`, { cause: error });
  if (error.reason !== 'DATASET_INVALID') throw new Error(`is refused with ${error.reason}`);
  const { file } = error.metadata;
  if (!file || !error.message.startsWith(file))
    throw new Error(`is refused without its file: ${error.message}`);
  if (error.message.length > maximumMessageLength)
    throw new Error(`is refused with a message of ${error.message.length} characters`);
  if (/\p{C}/u.test(error.message)) throw new Error('is refused with a message that steers the terminal');
}

async function requireUsable({ images, pairs, foldCount, read }) {
  const isImage = (index) => Number.isInteger(index) && index >= 0 && index < images.length;
  if (pairs.length === 0 || !(foldCount >= 1 && foldCount <= pairs.length))
    throw new Error(`is read as ${pairs.length} pairs in ${foldCount} folds`);
  for (const { first, second, genuine } of pairs) {
    if (!isImage(first) || !isImage(second) || typeof genuine !== 'boolean')
      throw new Error(`is read with the pair ${JSON.stringify([first, second, genuine])}`);
  }
  const bytes = await read(images.length - 1);
  if (!(bytes instanceof Uint8Array) || bytes.length === 0)
    throw new Error('is read with an image without bytes');
}
