import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Failure } from '../../core/failure.js';
import { expectedFrontness } from '../../core/faces/frontness.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { passedOverText } from '../../datasets/identities/passed-over.js';
import { EpochSampler } from '../../learning/sampler/epoch-sampler.js';
import type { BatchRequest, BatchThreadSetup } from './batch-protocol.js';
import { BatchThreads, defaultBatchThread } from './batch-threads.js';
import { createCropCache } from './crop-cache.js';
import { openChosenFaces } from './chosen-faces.js';
import type { TrainedOnFaces } from '../../core/models/manifest.js';
import { DataLoader } from './data-loader.js';
import type { DataLoaderConfig } from './data-loader-options.js';
import { trainedOnFaces, openReplay, withReplay } from './replayed-faces.js';
import type { SelectedFaceDataset } from './face-dataset.js';
import type { TrainingFaceSource } from './training-face-source.js';

const defaultCacheBytes = 1024 ** 3;
const maximumBytesAhead = 1024 ** 3;

/**
 * Lists a data set's faces, reads their tags and starts the threads that prepare batches.
 *
 * @throws Failure DATASET_INVALID naming what is wrong with the data; INVALID_ARGUMENT where an option is
 */
export async function openDataLoader(config: DataLoaderConfig): Promise<DataLoader> {
  try {
    return await open(config);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('INVALID_ARGUMENT', `The training data: ${error.message}.`, {}, [], { cause: error });
  }
}

async function open(config: DataLoaderConfig): Promise<DataLoader> {
  const { alignment = arcFaceTemplate } = config;
  const { height: imageHeight, width: imageWidth } = alignment;
  const { source, faces: own } = await openChosenFaces(config, () => config.identities ?? {});
  const replay = config.replay === undefined ? undefined : await openReplay(config.replay);
  const faces = replay === undefined ? own : withReplay(own, replay);
  // Defaults are the paper's: section 3.1.2, section 4.2.
  const { tau = 0.2, splitFraction = 0.3, flip = true, seed = 0, batchSize } = config;
  const { samplesPerEpoch, showsSplitFacesWhole = false, landmarkNoisePixels = 0 } = config;
  const rho =
    landmarkNoisePixels === 0
      ? faces.rho
      : faces.rho.map((measured) => expectedFrontness(measured, landmarkNoisePixels));
  const planner = new EpochSampler(rho, {
    ...{ tau, splitFraction, flip, seed, batchSize, showsSplitFacesWhole },
    ...(samplesPerEpoch === undefined ? {} : { samplesPerEpoch }),
  });
  const { splitSlots } = planner.layout;
  const shape = { batchSize, splitSlots, imageHeight, imageWidth };
  const threadCount = config.threads ?? Math.max(availableParallelism() - 1, 1);
  const batchBytes = batchSize * imageHeight * imageWidth * 3 * Float32Array.BYTES_PER_ELEMENT;
  const affordable = Math.max(Math.floor(maximumBytesAhead / batchBytes), 1);
  const batchesAhead = config.batchesAhead ?? Math.min(2 * threadCount, affordable);
  const cacheBytes = config.cacheBytes ?? defaultCacheBytes;
  const cache = createCropCache(faces.counts.faces, alignment, cacheBytes);
  requireCounts({ threads: threadCount, batchesAhead });
  const entryPoint = config.threadEntryPoint ?? defaultBatchThread;
  const { encryptionKey, augmentation, halves = 'padded' } = config;
  const setup: BatchThreadSetup = { alignment, cache, augmentation, halves, encryptionKey };
  const threads = new BatchThreads<BatchRequest, Float32Array>(setup, threadCount, entryPoint);
  let summary: TrainedOnFaces | undefined;
  return new DataLoader({
    ...{ faces, planner, threads, shape, batchesAhead },
    ownSummary: () => (summary ??= trainedOnFaces(own)),
    replay: replay && trainedOnFaces(replay),
    remarks: remarksOn(source, own),
    looksLikeSite: (augmentation?.site ?? 0) > 0,
    turns: config.turns,
  });
}

/** What was seen in the data and is not trained on, and what is trained on otherwise than the files say. */
function remarksOn(
  { passedOver = [], remarks = [], format }: TrainingFaceSource,
  { counts }: SelectedFaceDataset,
): readonly string[] {
  const { faces, faceless, unreadable } = counts;
  const without = [
    ...(faceless === 0 ? [] : [`${faceless} without a face`]),
    ...(unreadable === 0 ? [] : [`${unreadable} that could not be read`]),
  ];
  const leftOut =
    without.length === 0
      ? []
      : [`${faces} of ${faces + faceless + unreadable} images: left out are ${without.join(' and ')}`];
  const others = passedOverText(passedOver, (path) => basename(path));
  return [...remarks, ...leftOut, ...(others === undefined ? [] : [`${format}: ${others}`])];
}

function requireCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`${name} must be 1 or more, not ${count}`);
  }
}
