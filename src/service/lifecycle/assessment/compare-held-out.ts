import { figuresOf, type HeldOutComparison } from './assessment.js';
import type { DatasetPair } from '../../../core/protocols/benchmark-dataset.js';
import { facesToSplit } from '../../../core/protocols/faces-to-split.js';
import { drawPairs } from '../../../core/protocols/drawn-pairs.js';
import type { MeasuredModels } from '../../../core/protocols/measured-models.js';
import type { MeasuredImage } from '../../../core/protocols/measured-image.js';
import type { ConsentingFace } from './held-out-face.store.js';
import type { MeasureHeldOut, MeasuringControl } from './measure-held-out.js';
import type { VerificationStatistics } from '../../evaluation/statistics/verification-statistics.js';

interface CompareHeldOutParts {
  readonly heldOut: Pick<MeasureHeldOut, 'facesBelow' | 'measure' | 'halves'>;
  readonly statistics: Pick<VerificationStatistics, 'report' | 'compare'>;
}

export interface HeldOutComparisonInput extends MeasuringControl {
  readonly baseline: MeasuredModels;
  readonly candidate: MeasuredModels;
  /** Identities whose place is below were trained on by neither. */
  readonly below: number;
  readonly pairCount: number;
}

const folds = 10;
/** The same pairs each time: assessments can be set beside each other. */
const seed = 1;

/** Verification of enrolled faces of identities that neither model was trained on. */
export class CompareHeldOut {
  constructor(private readonly parts: CompareHeldOutParts) {}

  /**
   * @returns undefined where there are no pairs of both kinds
   * @throws Failure STORED_CROP_DAMAGED, MODEL_INVALID, DATABASE_UNAVAILABLE; the signal's reason
   */
  async execute(order: HeldOutComparisonInput): Promise<HeldOutComparison | undefined> {
    const { baseline: before, candidate: after, below } = order;
    const heldOut = await this.parts.heldOut.facesBelow(below);
    const drawn = drawPairs(labelsOf(heldOut), order.pairCount, seed);
    const { faces, pairs } = onlyPaired(heldOut, drawn);
    const measured = await this.parts.heldOut.measure(faces, [before, after], order);
    const there = pairs.filter(({ first, second }) => measured[first] && measured[second]);
    if (new Set(there.map(({ genuine }) => genuine)).size < 2) return undefined;
    const [baseline, candidate] = [
      await this.report(faces, there, (face) => measured[face]?.[0]),
      await this.report(faces, there, (face) => measured[face]?.[1]),
    ];
    const split = facesToSplit(
      measured.map((models) => models?.[0]),
      (face) => faces[face]?.identity,
    ).flatMap((face) => faces[face] ?? []);
    const [halvesBefore, halvesAfter] = await this.parts.heldOut.halves(split, [before, after], order.signal);
    return {
      identityCount: new Set(faces.map(({ identity }) => identity)).size,
      faceCount: faces.length,
      baseline: figuresOf({ ...baseline.report, ...(halvesBefore && { halves: halvesBefore }) }),
      candidate: figuresOf({ ...candidate.report, ...(halvesAfter && { halves: halvesAfter }) }),
      difference: await this.parts.statistics.compare(baseline.outcomes, candidate.outcomes),
    };
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
