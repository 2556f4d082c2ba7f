import { createHash } from 'node:crypto';

import { Failure } from '../../core/failure.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { int8Name } from '../../core/models/precision.js';
import { RangeObserver, type RangeBatch } from './range-observer.js';
import { noiseImages, recordedSelfCheck, requireFidelity } from './eight-bit-self-check.js';
import { byteForm } from './byte-form.js';
import { type ValueRanges, quantisationPlan, quantiseGraph } from './quantise-graph.js';

export interface QuantisedBackbone {
  readonly graph: Uint8Array;
  readonly manifest: BackboneManifest;
}

export interface MeasuredBackbone extends QuantisedBackbone {
  readonly ranges: ValueRanges;
  /** The least cosine of embeddings of some of the faces in 8 and in 32 bits. */
  readonly leastCosine: number;
}

/** Aligned faces, as the backbone takes them, that activations are measured on. */
export interface RangeFaces {
  /** How many there are at most. */
  readonly faceCount: number;
  /** @param batchSize that the graph takes; undefined where it takes any */
  batches(batchSize: number | undefined): AsyncIterable<RangeBatch>;
}

/** What is told while activations are measured. */
export type RangeProgress = (measured: number, faceCount: number) => void;

/**
 * A backbone with 8-bit convolutions (static quantisation, a scale for each filter): about twice as fast where the
 * processor has 8-bit dot products.
 * @throws Failure DATASET_INVALID where there are no faces to measure; MODEL_INVALID where the graph cannot be quantised, or
 *   computes something else then
 */
export async function quantiseBackbone(
  graph: Uint8Array,
  manifest: BackboneManifest,
  faces: RangeFaces,
  onProgress: RangeProgress = () => undefined,
): Promise<MeasuredBackbone> {
  const plan = quantisationPlan(await byteForm(graph));
  const calibration = await RangeObserver.start(plan, 0);
  let measured = 0;
  let trial: RangeBatch | undefined;
  try {
    for await (const batch of faces.batches(calibration.fixedBatch)) {
      await calibration.add(batch);
      trial ??= batch;
      measured += batch.dimensions[0] ?? 0;
      onProgress(measured, faces.faceCount);
    }
  } finally {
    await calibration.release();
  }
  if (trial === undefined)
    throw new Failure('DATASET_INVALID', 'There is no face to measure activations on.');
  const ranges = calibration.measured;
  const quantised = quantiseGraph(plan, ranges);
  const leastCosine = await requireFidelity({ original: graph, quantised }, trial);
  return { ...(await described(quantised, manifest)), ranges, leastCosine };
}

/** Quantises as {@link quantiseBackbone} does, with ranges that were measured before on the same graph. */
export async function quantiseWithRanges(
  graph: Uint8Array,
  manifest: BackboneManifest,
  ranges: ValueRanges,
): Promise<QuantisedBackbone> {
  const quantised = quantiseGraph(quantisationPlan(await byteForm(graph)), ranges);
  await requireFidelity({ original: graph, quantised }, noiseImages(manifest));
  return described(quantised, manifest);
}

async function described(graph: Uint8Array, manifest: BackboneManifest): Promise<QuantisedBackbone> {
  return {
    graph,
    manifest: {
      ...manifest,
      displayName: int8Name(manifest.displayName),
      source: `${manifest.source}; 8-bit`,
      precision: 'int8',
      graph: { ...manifest.graph, sha256: createHash('sha256').update(graph).digest('hex') },
      selfCheck: await recordedSelfCheck(graph, manifest),
    },
  };
}
