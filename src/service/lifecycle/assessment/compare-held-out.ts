import { figuresOf, type HeldOutComparison } from './assessment.js';
import type { DatasetPair } from '../../../core/protocols/benchmark-dataset.js';
import { drawPairs } from '../../../core/protocols/drawn-pairs.js';
import type { MeasuredModels } from '../../../core/protocols/measured-models.js';
import type { MeasuredImage } from '../../../core/protocols/measured-image.js';
import { analyseStoredCrops } from '../../enrolment/faces/stored-crops.js';
import { measuredFace } from '../../evaluation/measured-face.js';
import type {
  AnalysisBatch,
  AnalysisRequest,
  FaceAnalysis,
} from '../../../inference/analyser/face-analysis.js';
import type { ConsentingFace, HeldOutFaceStore } from './held-out-face.store.js';
import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';
import type { VerificationStatistics } from '../../evaluation/statistics/verification-statistics.js';
import { heldOutBelow } from '../retraining/held-out-identities.js';

interface CompareHeldOutParts {
  readonly faces: Pick<HeldOutFaceStore, keyof HeldOutFaceStore>;
  readonly analysisOf: (models: MeasuredModels) => Promise<FaceAnalysis>;
  readonly statistics: VerificationStatistics;
}

export interface HeldOutComparisonInput {
  readonly baseline: MeasuredModels;
  readonly candidate: MeasuredModels;
  /** Identities whose place is below were trained on by neither. */
  readonly below: number;
  readonly pairCount: number;
  readonly signal: AbortSignal;
  readonly onFaces: (done: number, total: number) => void;
}

const facesAtATime = 32;
const folds = 10;
/** The same pairs each time: assessments can be set beside each other. */
const seed = 1;

/** A face of the pairs, and what both models make of it; undefined where it is no longer there. */
interface BothMeasured {
  readonly baseline: MeasuredImage;
  readonly candidate: MeasuredImage;
}

/** Verification of enrolled faces of identities that neither model was trained on. */
export class CompareHeldOut {
  constructor(private readonly parts: CompareHeldOutParts) {}

  /**
   * @returns undefined where there are no pairs of both kinds
   * @throws Failure STORED_CROP_DAMAGED, MODEL_INVALID, DATABASE_UNAVAILABLE; the signal's reason
   */
  async execute(order: HeldOutComparisonInput): Promise<HeldOutComparison | undefined> {
    const heldOut = await this.heldOut(order.below);
    const drawn = drawPairs(labelsOf(heldOut), order.pairCount, seed);
    const { faces, pairs } = onlyPaired(heldOut, drawn);
    const measured = await this.measure(faces, order);
    const there = pairs.filter(({ first, second }) => measured[first] && measured[second]);
    if (new Set(there.map(({ genuine }) => genuine)).size < 2) return undefined;
    const [baseline, candidate] = [
      await this.report(faces, there, (face) => measured[face]?.baseline),
      await this.report(faces, there, (face) => measured[face]?.candidate),
    ];
    return {
      identityCount: new Set(faces.map(({ identity }) => identity)).size,
      faceCount: faces.length,
      baseline: figuresOf(baseline.report),
      candidate: figuresOf(candidate.report),
      difference: await this.parts.statistics.compare(baseline.outcomes, candidate.outcomes),
    };
  }

  private async heldOut(below: number): Promise<readonly ConsentingFace[]> {
    const consenting = await this.parts.faces.consentingFaces();
    const identities = heldOutBelow([...new Set(consenting.map(({ identity }) => identity))], below);
    return consenting.filter(({ identity }) => identities.has(identity));
  }

  private async measure(
    faces: readonly ConsentingFace[],
    { baseline, candidate, signal, onFaces }: HeldOutComparisonInput,
  ): Promise<readonly (BothMeasured | undefined)[]> {
    const found = new Map<string, BothMeasured>();
    for (let start = 0; start < faces.length; start += facesAtATime) {
      onFaces(start, faces.length);
      signal.throwIfAborted();
      const ids = faces.slice(start, start + facesAtATime).map(({ faceId }) => faceId);
      const crops = await this.parts.faces.crops(ids);
      if (crops.length === 0) continue;
      const before = await this.measuredBy(baseline, crops, signal);
      const after = await this.measuredBy(candidate, crops, signal);
      for (const [index, { faceId }] of crops.entries()) {
        const [one, other] = [before[index], after[index]];
        if (one && other) found.set(faceId, { baseline: one, candidate: other });
      }
    }
    return faces.map(({ faceId }) => found.get(faceId));
  }

  private async measuredBy(
    models: MeasuredModels,
    crops: readonly FaceToEmbed[],
    signal: AbortSignal,
  ): Promise<readonly MeasuredImage[]> {
    const analyse = async (requests: readonly AnalysisRequest[]): Promise<AnalysisBatch> => {
      // Asked for anew each time: models go over to others while this runs.
      for (;;) {
        const batch = await (await this.parts.analysisOf(models)).analyse(requests, { signal });
        if (batch.models.backboneId === models.modelVersion) return batch;
      }
    };
    const analysed = await analyseStoredCrops(crops, analyse);
    return analysed.map((face) => measuredFace(face, face.embedding, true));
  }

  private async report(
    faces: readonly ConsentingFace[],
    pairs: readonly DatasetPair[],
    measuredOf: (face: number) => MeasuredImage | undefined,
  ): ReturnType<VerificationStatistics['report']> {
    return this.parts.statistics.report({
      images: faces.map(({ faceId, identity }) => ({ name: faceId, identity })),
      pairs,
      foldCount: Math.min(folds, pairs.length),
      measured: faces.map((_, face) => measuredOf(face)),
      digests: faces.map(({ faceId }) => Buffer.from(faceId)),
      facelessPolicy: 'different',
    });
  }
}

function labelsOf(faces: readonly ConsentingFace[]): readonly number[] {
  const labels = new Map<string, number>();
  return faces.map(({ identity }) => {
    const label = labels.get(identity) ?? labels.size;
    labels.set(identity, label);
    return label;
  });
}

/** Faces that are in no pair need not be embedded. */
function onlyPaired(
  faces: readonly ConsentingFace[],
  pairs: readonly DatasetPair[],
): { readonly faces: readonly ConsentingFace[]; readonly pairs: readonly DatasetPair[] } {
  const used = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))].sort((a, b) => a - b);
  const imageLocationOf = new Map(used.map((face, place) => [face, place]));
  const place = (face: number): number => imageLocationOf.get(face) ?? 0;
  return {
    faces: used.flatMap((face) => faces[face] ?? []),
    pairs: pairs.map(({ first, second, genuine }) => ({
      first: place(first),
      second: place(second),
      genuine,
    })),
  };
}
