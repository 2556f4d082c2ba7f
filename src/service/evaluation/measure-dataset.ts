import { createHash } from 'node:crypto';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { Failure } from '../../core/failure.js';
import type { HalfFigures } from '../../core/protocols/metrics/half-symmetry.js';
import { measureHalves } from './measure-halves.js';
import type { BenchmarkStore } from './benchmark.store.js';
import type {
  AnalysedImage,
  AnalysisBatch,
  CallControl,
  FaceAnalysis,
} from '../../inference/analyser/face-analysis.js';
import { datasetImageRequest } from './dataset-image-request.js';
import { measuredFace } from './measured-face.js';
import { MeasurementBatch } from './measurement-batch.js';
import { unmeasuredImages } from './unmeasured-images.js';

/** The images of a data set, all of them measured. */
export interface MeasuredDataset {
  /** One an image; undefined where no face was found. */
  readonly images: readonly (MeasuredImage | undefined)[];
  /** SHA-256 of each image's bytes. */
  readonly digests: readonly Uint8Array[];
  /** SHA-256 of the pairs and of every image, hex. */
  readonly digest: string;
  /** What the model makes of halves; undefined where no two persons with a symmetric face are known. */
  readonly halves: HalfFigures | undefined;
}

interface MeasureDatasetParts {
  readonly analysis: FaceAnalysis;
  readonly store: Pick<BenchmarkStore, 'findMeasurements' | 'keepMeasurements'>;
  /** Images that are worked on at a time. */
  readonly parallel: number;
}

/**
 * Embeds the images of a data set. What was measured before, with the same models, is taken from the store, so a run that
 * was interrupted goes on where it was, and a second one embeds the halves of some faces alone.
 * @param onImage called for each image that is done
 * @throws Failure DATASET_INVALID naming an image that cannot be read; MODEL_CONTRACT_MISMATCH where the models were
 *   changed meanwhile; the signal's reason
 */
export async function measureDataset(
  dataset: VerificationDataset,
  models: MeasuredModels,
  parts: MeasureDatasetParts,
  control: CallControl,
  onImage: () => void,
): Promise<MeasuredDataset> {
  const images = new Array<MeasuredImage | undefined>(dataset.images.length).fill(undefined);
  const digests = new Array<Uint8Array>(dataset.images.length);
  const done = (index: number, measured: MeasuredImage | 'faceless'): void => {
    images[index] = measured === 'faceless' ? undefined : measured;
    onImage();
  };
  // The first lane that fails ends the others: what they would measure is for nothing.
  const lanes = new AbortController();
  const signal = AbortSignal.any([control.signal, lanes.signal]);
  const batch = new MeasurementBatch(parts.store, models);
  const queue = unmeasuredImages({ dataset, models, store: parts.store, signal }, digests, done);
  const lane = async (): Promise<void> => {
    for await (const { index, image, encoded } of queue) {
      signal.throwIfAborted();
      const measured = await measure(dataset, index, encoded, models, parts.analysis, { signal });
      // That an image could not be read is not kept: another data set with the same bytes fails by it.
      if (measured !== 'unreadable') await batch.add({ image, measured });
      done(index, measured === 'unreadable' ? 'faceless' : measured);
    }
  };
  const endOthers = (error: unknown): never => {
    lanes.abort(error);
    throw error;
  };
  try {
    await Promise.all(Array.from({ length: parts.parallel }, () => lane().catch(endOthers)));
  } finally {
    // Also of a run that ends early: the next one goes on there.
    await batch.keep();
  }
  const halves = await measureHalves(dataset, images, async (requests) => {
    control.signal.throwIfAborted();
    const batch = await parts.analysis.analyse(requests, control);
    requireSameModels(batch, models);
    return batch;
  });
  return { images, digests, digest: digestOf(dataset, digests), halves };
}

function digestOf({ pairs, foldCount, kind }: VerificationDataset, digests: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify([pairs, foldCount, kind]));
  for (const digest of digests) hash.update(digest);
  return hash.digest('hex');
}

async function measure(
  dataset: VerificationDataset,
  index: number,
  encoded: Uint8Array,
  models: MeasuredModels,
  analysis: FaceAnalysis,
  control: CallControl,
): Promise<MeasuredImage | 'faceless' | 'unreadable'> {
  const request = { ...datasetImageRequest(encoded, dataset.kind), wantEmbeddings: true, wantCrops: false };
  const batch = await analysis.analyse([request], control);
  requireSameModels(batch, models);
  const [outcome] = batch.outcomes;
  if (outcome === undefined) throw new Error('the engine answered no outcome');
  if (!outcome.ok) return facelessOr(outcome.error, dataset, index);
  if (dataset.kind === 'aligned-crop') requireArcFaceCrop(outcome.image, dataset.images[index]?.name ?? '');
  const [face] = outcome.image.faces;
  if (face?.embedding === undefined) throw new Error('the engine answered a face without an embedding');
  // Landmarks that were given, not found, say nothing of the face.
  return measuredFace(face, face.embedding, dataset.kind === 'photograph');
}

function requireArcFaceCrop({ width, height }: AnalysedImage, file: string): void {
  if (width === arcFaceTemplate.width && height === arcFaceTemplate.height) return;
  const message =
    `${file}: has ${width}x${height} pixels; aligned crops have ${arcFaceTemplate.width}x${arcFaceTemplate.height}. ` +
    'Register the data set as photographs.';
  throw new Failure('DATASET_INVALID', message, { file });
}

/** Only a face that was not found is part of the protocol; an image that cannot be read must not shrink it. */
function facelessOr(error: Error, dataset: VerificationDataset, index: number): 'faceless' | 'unreadable' {
  if (!(error instanceof Failure)) throw error;
  if (error.reason === 'FACE_NOT_FOUND') return 'faceless';
  if (!error.reason.startsWith('IMAGE_')) throw error;
  if (dataset.countsUnreadableAsFaceless) return 'unreadable';
  const name = dataset.images[index]?.name ?? '';
  throw new Failure('DATASET_INVALID', `${name}: ${error.message}`, { file: name }, [], { cause: error });
}

function requireSameModels({ models }: AnalysisBatch, expected: MeasuredModels): void {
  if (models.backboneId === expected.modelVersion && models.detectorId === expected.detectorVersion) return;
  throw new Failure(
    'MODEL_CONTRACT_MISMATCH',
    'The models that serve were changed while the benchmark ran.',
    { model_version: models.backboneId, detector_version: models.detectorId },
  );
}
