import type { RecordedCalibration } from '../protocols/calibration/model-calibration.js';
import type { BundleFile, ModelManifest } from './manifest.js';

/**
 * The part of a manifest that decides what the model computes. Two manifests of one contract are one model
 * version, whatever they are called.
 *
 * Left out: `displayName`, `license`, `source`, `lineage` and `training`, which describe; `selfCheck` and `precision`, which follow from the rest; graph file names, which only say where bytes
 * lie; and a backbone's bare `similarityThreshold`, which does not change an embedding, so that a model whose
 * threshold is measured anew stays comparable with the faces already enrolled. A `calibration` is in: it decides answers at
 * stated error rates, so that the name of a version in an answer says by which; its `similarityBands` are not, which are for people. A detector's `minimumProbability`
 * and `maximumOverlap` are in, since they decide which faces it reports.
 */
export function contractOf(manifest: ModelManifest): unknown {
  const { kind, schemaVersion, input } = manifest;
  if (manifest.kind === 'backbone') {
    const { graph, alignment, embedding, calibration } = manifest;
    // The template's points decide the crop; its name does not.
    const { width, height, landmarks } = alignment;
    const alignmentContract = { width, height, landmarks };
    const computed = { graph: graph.sha256, input, alignment: alignmentContract, embedding };
    return { schemaVersion, kind, ...computed, ...(calibration !== undefined && { calibration: decidingPart(calibration) }) };
  }
  const { family, graphs, minimumProbability, maximumOverlap } = manifest;
  const graphDigests = Object.fromEntries(
    Object.entries({ ...graphs }).map(([role, graph]) => [role, graph.sha256]),
  );
  return { schemaVersion, kind, family, graphs: graphDigests, input, minimumProbability, maximumOverlap };
}

/** A calibration without how similarities are spread, which no answer goes by. */
export function decidingPart(calibration: RecordedCalibration): RecordedCalibration {
  const { description, thresholds, logistic, impostorPairCount } = calibration;
  return { description, thresholds, logistic, impostorPairCount };
}

/** The files that a manifest names: one for a backbone, one a graph for a detector. */
export function bundleFilesOf(manifest: ModelManifest): readonly BundleFile[] {
  return manifest.kind === 'backbone' ? [manifest.graph] : Object.values({ ...manifest.graphs });
}

/** JSON with the keys of every object sorted and no white space, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(
      Object.entries(member).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
    );
  });
}
