import type { TrainingBatch } from '../../learning/sampler/training-batch.js';
import { testLearningRates, USUAL_RANGE } from '../../learning/step/learning-rate-range.js';
import type { SuppliedBatch } from '../../learning/step/training-run.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import type { TrainObserver } from '../configuration/train-options.js';
import { freezingOf, type TrainingConfiguration } from '../configuration/training-configuration.js';
import type { RunEngine } from './run-engine.js';
import type { RunLog } from './run-log.js';

/** What the learning rate of a run is found with. */
export interface LearningRateSearch {
  readonly configuration: TrainingConfiguration;
  readonly engine: Pick<RunEngine, 'apart'>;
  /** The state before the first step. */
  readonly startState: () => Promise<TrainingState>;
  /** The batches of an epoch, as they are trained on. */
  readonly batches: (epoch: number, signal: AbortSignal) => AsyncIterable<SuppliedBatch>;
  readonly log: RunLog;
  readonly observer: Pick<TrainObserver, 'onLearningRate'>;
}

/**
 * The first rate of a run's schedule. Where it is to be found that is done once, by the range test on the batches that the run
 * begins with and the layers that it trains in the end; a run that goes on has it in its log.
 *
 * @returns undefined where the signal came before it was known
 */
export async function firstLearningRate(
  search: LearningRateSearch,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { configuration, log, observer } = search;
  const { initial } = configuration.learningRate;
  if (initial !== 'auto') return initial;
  const known = log.entries.find((entry) => entry.kind === 'learning-rate');
  if (known !== undefined) return known.learningRate;
  const range = await testedOnCopy(search, signal);
  if (range === undefined) return undefined;
  const entry = { kind: 'learning-rate', step: 0, ...range } as const;
  await log.append(entry);
  observer.onLearningRate?.(entry);
  return entry.learningRate;
}

/** What is learnt on the way is thrown away. */
async function testedOnCopy(
  { configuration, engine, startState, batches }: LearningRateSearch,
  signal: AbortSignal,
): ReturnType<typeof testLearningRates> {
  const copy = await engine.apart(freezingOf(configuration).trainedLayers, await startState());
  try {
    return await testLearningRates(copy, epochAfterEpoch(batches, signal), USUAL_RANGE, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    await copy.close();
  }
}

async function* epochAfterEpoch(
  batches: LearningRateSearch['batches'],
  signal: AbortSignal,
): AsyncGenerator<TrainingBatch> {
  for (let epoch = 0; !signal.aborted; epoch++) {
    for await (const { batch } of batches(epoch, signal)) yield batch;
  }
}
