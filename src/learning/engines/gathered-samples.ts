import { samplesThatCount } from '../step/statistics-mask.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingSpec } from '../step/training-spec.js';
import type { ProcessGroup } from './process-group.js';

/** The samples of all processes that a step of a split head is computed on: N, B of each process in the order of ranks. */
export interface GatheredSamples {
  /** [N, D] */
  readonly embeddings: Float32Array;
  /** [N] their classes; of what is no sample any */
  readonly labels: Int32Array;
  /** [N] 1/N' of each sample's batch, 0 for padding and where a process has no batch */
  readonly weights: Float32Array;
  /** [N] 1 for this process's samples */
  readonly ownMask: Float32Array;
  /** [N] 1 for those that the face loss's statistics are of */
  readonly statisticsMask: Float32Array;
}

/**
 * Gathers what each process has, in one call.
 * @param embeddings [B, D] @param batch undefined where this process has none
 */
export async function gatherSamples(
  processes: Pick<ProcessGroup, 'rank' | 'size' | 'gather'>,
  { backbone: { embeddingSize }, batch: { batchSize }, symmetry }: TrainingSpec,
  embeddings: Float32Array,
  batch: TrainingBatch | undefined,
): Promise<GatheredSamples> {
  const { rank, size } = processes;
  const numbers = batchSize * embeddingSize;
  const own = new Float32Array(numbers + 3 * batchSize);
  if (batch !== undefined) {
    const counted = samplesThatCount(batch, symmetry.statistics);
    own.set(embeddings);
    // Numbers of classes are exact in floats up to 16 million.
    for (const [part, values] of [batch.labels, batch.sampleMask, counted].entries())
      own.set(values, numbers + part * batchSize);
  }
  const whole = new Float32Array(size * own.length);
  await processes.gather(own, whole);
  const parts = Array.from({ length: size }, (_, process) =>
    whole.subarray(process * own.length, (process + 1) * own.length),
  );
  const column = (part: number) =>
    parts.map((each) => each.subarray(numbers + part * batchSize, numbers + (part + 1) * batchSize));
  const masks = column(1);
  return {
    embeddings: joined(parts.map((each) => each.subarray(0, numbers))),
    labels: Int32Array.from(joined(column(0))),
    weights: joined(masks.map(meanWeights)),
    ownMask: joined(masks.map((mask, process) => (process === rank ? mask : mask.map(() => 0)))),
    statisticsMask: joined(column(2)),
  };
}

/**
 * The softmax over all classes of what each share adds to it.
 * @param logSums [N] log Σ exp(l_j) of this share @param targetLogits [N] l_y where this share has the class, else 0
 * @returns [N] both over all shares
 */
export async function softmaxOverShares(
  processes: Pick<ProcessGroup, 'size' | 'gather'>,
  logSums: Float32Array,
  targetLogits: Float32Array,
): Promise<{ readonly logSums: Float32Array; readonly targetLogits: Float32Array }> {
  const whole = new Float32Array(processes.size * 2 * logSums.length);
  await processes.gather(joined([logSums, targetLogits]), whole);
  const told = (sample: number, part: number) =>
    Array.from(
      { length: processes.size },
      (_, process) => whole[(2 * process + part) * logSums.length + sample] ?? 0,
    );
  return {
    logSums: logSums.map((_, sample) => logSumOf(told(sample, 0))),
    targetLogits: targetLogits.map((_, sample) => told(sample, 1).reduce((sum, logit) => sum + logit, 0)),
  };
}

/** log Σ exp(x), by the largest; NaN where one is. */
function logSumOf(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** 1/N' for each sample of a batch. */
function meanWeights(mask: Float32Array): Float32Array {
  const samples = mask.reduce((sum, value) => sum + value, 0);
  return mask.map((value) => value / Math.max(1, samples));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
