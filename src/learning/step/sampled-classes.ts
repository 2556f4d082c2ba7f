import { streamSeed, uniformGenerator } from '../../core/random/seeded-random.js';
import type { TrainingBatch } from '../sampler/training-batch.js';

/** Keeps samples of classes apart from what else is drawn from a run's seed. */
const STREAM = 0x70666373;

/**
 * How many classes a step has where the head is sampled: a share of all, and room for the classes of its samples.
 * @param rate r of Partial FC, above 0, at most 1
 * @param stepSamples samples of a step, all its batches together
 */
export function sampledClassCount(rate: number, classCount: number, stepSamples: number): number {
  return Math.min(classCount, Math.max(Math.ceil(rate * classCount), stepSamples));
}

/**
 * The classes that a step is computed on (Partial FC, An et al., arXiv 2203.15565, §3.2): those of its samples, and others at
 * random up to `count`, ascending. The same for the same place of a run, whatever was drawn before.
 *
 * @param labels of all samples of the step
 * @param place the epoch, and the step's first batch in it
 * @throws RangeError where there are more of its samples' than `count`
 */
export function sampleClasses(
  labels: Iterable<number>,
  { count, classCount }: { readonly count: number; readonly classCount: number },
  seed: number,
  place: { readonly epoch: number; readonly batch: number },
): Int32Array {
  const chosen = new Uint8Array(classCount);
  let left = count;
  for (const label of labels) {
    if (chosen[label] === 1) continue;
    chosen[label] = 1;
    left--;
  }
  if (left < 0) throw new RangeError(`a step has samples of more than ${count} classes`);
  const uniform = uniformGenerator(
    streamSeed(streamSeed(streamSeed(seed, STREAM), place.epoch), place.batch),
  );
  let others = classCount - (count - left);
  // Selection sampling (Knuth, The Art of Computer Programming 3.4.2, Algorithm S): each of the others is as likely.
  for (let each = 0; left > 0; each++) {
    if (chosen[each] === 1) continue;
    if (uniform() * others < left) {
      chosen[each] = 1;
      left--;
    }
    others--;
  }
  const classes = new Int32Array(count);
  let found = 0;
  for (let each = 0; each < classCount; each++) if (chosen[each] === 1) classes[found++] = each;
  return classes;
}

/** A batch whose labels are places in the classes that its step is computed on. */
export function withSampledClasses<Batch extends TrainingBatch>(batch: Batch, classes: Int32Array): Batch {
  const labels = batch.labels.map((label) => {
    const place = placeOf(label, classes);
    if (place < 0) throw new RangeError(`class ${label} is not among those of its step`);
    return place;
  });
  return { ...batch, labels, classes };
}

/** By halving; `classes` ascends. @returns -1 where it is not among them */
export function placeOf(label: number, classes: Int32Array): number {
  let [from, to] = [0, classes.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((classes[middle] ?? 0) < label) from = middle + 1;
    else to = middle;
  }
  return classes[from] === label ? from : -1;
}
