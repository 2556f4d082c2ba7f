/** What a candidate decided beside the serving model on a sample of live verifications. */
export interface ShadowCounts {
  /** How many verifications both models decided as a match. */
  readonly matchedByBoth: number;
  readonly matchedByNeither: number;
  readonly matchedByServingOnly: number;
  readonly matchedByCandidateOnly: number;
  /** How many were drawn that the candidate could not decide. */
  readonly failed: number;
  /** How many were drawn but dropped, since earlier ones were still worked on. */
  readonly dropped: number;
  /** The sum over the calls decided by both of the time from the call to its answer, in milliseconds. */
  readonly servingMs: number;
  /** The sum for the same calls on the candidate's workers, which have the lowest priority, in milliseconds. */
  readonly candidateMs: number;
}

/** A candidate that decides a share of live verifications, without a say in the answers. */
export interface Shadow {
  /** The id of the candidate's model version. */
  readonly candidate: string;
  /** The share of verifications that it decides, above 0 to 1. */
  readonly share: number;
  readonly startTime: Date;
  /** The time at which it was stopped; undefined while it runs. */
  readonly stopTime: Date | undefined;
  readonly counts: ShadowCounts;
}

export const noShadowCounts: ShadowCounts = {
  matchedByBoth: 0,
  matchedByNeither: 0,
  matchedByServingOnly: 0,
  matchedByCandidateOnly: 0,
  failed: 0,
  dropped: 0,
  servingMs: 0,
  candidateMs: 0,
};

/** One call that both models decided. */
export interface ShadowedDecision {
  readonly servingMatches: boolean;
  readonly candidateMatches: boolean;
  readonly servingMs: number;
  readonly candidateMs: number;
}

export function countsOf(decision: ShadowedDecision): ShadowCounts {
  const { servingMatches, candidateMatches, servingMs, candidateMs } = decision;
  return {
    ...noShadowCounts,
    matchedByBoth: Number(servingMatches && candidateMatches),
    matchedByNeither: Number(!servingMatches && !candidateMatches),
    matchedByServingOnly: Number(servingMatches && !candidateMatches),
    matchedByCandidateOnly: Number(!servingMatches && candidateMatches),
    servingMs,
    candidateMs,
  };
}

export function addCounts(a: ShadowCounts, b: ShadowCounts): ShadowCounts {
  const sums = Object.keys(noShadowCounts).map((name) => {
    const key = name as keyof ShadowCounts;
    return [key, a[key] + b[key]] as const;
  });
  return Object.fromEntries(sums) as unknown as ShadowCounts;
}

export interface ShadowMetrics {
  readonly comparedCount: number;
  /** The share of decisions that differ, among those compared. */
  readonly flipRate: number;
  /** The 95 % interval of the rate, Wilson's score interval (Wilson 1927). */
  readonly flipRateInterval: { readonly lower: number; readonly upper: number };
  readonly meanServingMs: number;
  readonly meanCandidateMs: number;
}

/** The 0.975 quantile of the standard normal distribution. */
const z = 1.959_963_984_540_054;

/** What the counts say; undefined before the first comparison. */
export function shadowMetrics(counts: ShadowCounts): ShadowMetrics | undefined {
  const flips = counts.matchedByServingOnly + counts.matchedByCandidateOnly;
  const comparedCount = flips + counts.matchedByBoth + counts.matchedByNeither;
  if (comparedCount === 0) return undefined;
  const rate = flips / comparedCount;
  const centre = rate + z ** 2 / (2 * comparedCount);
  const spread = z * Math.sqrt((rate * (1 - rate)) / comparedCount + (z / (2 * comparedCount)) ** 2);
  const scale = 1 + z ** 2 / comparedCount;
  return {
    comparedCount,
    flipRate: rate,
    flipRateInterval: {
      lower: Math.max(0, (centre - spread) / scale),
      upper: Math.min(1, (centre + spread) / scale),
    },
    meanServingMs: counts.servingMs / comparedCount,
    meanCandidateMs: counts.candidateMs / comparedCount,
  };
}
