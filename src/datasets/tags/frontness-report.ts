import { frontness, isSymmetric } from '../../core/faces/frontness.js';
import type { FacelessReason, TagSummary } from './image-tag.js';

/** The thresholds τ of SymFace's Table 5. */
const tableThresholds: readonly number[] = [0.05, 0.1, 0.2, 0.3, 0.4];

/** A row of SymFace's Table 5. */
export interface CrossPosedShare {
  /** τ */
  readonly threshold: number;
  /** Images with ρ ≤ τ. */
  readonly count: number;
  /** The share of the images that could be read, 0 to 1; NaN where there is none. */
  readonly share: number;
}

/** How frontal the faces of a data set are. */
export interface FrontnessReport {
  readonly imageCount: number;
  readonly faceCount: number;
  /** Images by why they have no face, in the reasons' alphabetical order. */
  readonly faceless: readonly { readonly reason: FacelessReason; readonly count: number }[];
  readonly crossPosed: readonly CrossPosedShare[];
}

/**
 * SymFace's Table 5: the share of cross-posed images at each τ. A face that was not found has ρ = 0, as the paper sets
 * it, and so is cross-posed at every τ. An image that cannot be read shows nothing, and is counted in no share.
 */
export function frontnessReport(tags: readonly TagSummary[]): FrontnessReport {
  const readable = tags.filter(({ reason }) => reason === undefined || reason === 'FACE_NOT_FOUND');
  const rhos = readable.map(({ rho }) => rho ?? frontness(undefined));
  return {
    imageCount: tags.length,
    faceCount: tags.filter(({ reason }) => reason === undefined).length,
    faceless: countReasons(tags),
    crossPosed: tableThresholds.map((threshold) => {
      const count = rhos.filter((rho) => !isSymmetric(rho, threshold)).length;
      return { threshold, count, share: count / rhos.length };
    }),
  };
}

function countReasons(tags: readonly TagSummary[]): FrontnessReport['faceless'] {
  const counts = new Map<FacelessReason, number>();
  for (const { reason } of tags) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort().map(([reason, count]) => ({ reason, count }));
}
