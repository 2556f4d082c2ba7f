/** The norms of a backbone's raw embeddings of sharp faces that look into the camera. */
export interface NormStatistics {
  readonly mean: number;
  readonly standardDeviation: number;
}

/** What a face's utility is composed of. */
export interface UtilityEvidence {
  /** What the crop alone says, 0 to 100. */
  readonly cropUtility: number;
  /** The detector's probability. */
  readonly probability: number;
  /** Undefined where the detector does not know it: then nothing is made of its probability either, which means something else. */
  readonly landmarkUncertainty: number | undefined;
  /** Of the raw embedding; 0 where there is none. */
  readonly embeddingNorm: number;
  /** Undefined where nothing is known of the backbone's norms: then nothing is made of the norm. */
  readonly typicalNorm: NormStatistics | undefined;
}

interface Coefficients {
  readonly offset: number;
  readonly crop: number;
  readonly probability: number;
  readonly logUncertainty: number;
  readonly norm: number;
}

/**
 * Logistic regressions on whether comparisons with sharp photographs of the same person succeed at a false match rate of 1e-3, one for each
 * set of measures that there may be; fitted by scripts/compose-face-utility.mjs (docs/models/face-quality.md).
 */
const coefficients = {
  crop: { offset: -0.016, crop: 1.0695, probability: 0, logUncertainty: 0, norm: 0 },
  detected: { offset: -0.2778, crop: 1.0079, probability: 3.7961, logUncertainty: 0.0026, norm: 0 },
  embedded: { offset: 0.8491, crop: 0.8888, probability: 0, logUncertainty: 0, norm: 0.5119 },
  'detected and embedded': {
    offset: 0.8491,
    crop: 0.8888,
    probability: 1.4304,
    logUncertainty: 0.1583,
    norm: 0.5119,
  },
} as const satisfies Readonly<Record<string, Coefficients>>;

/** What the measures are counted from, and how far they are believed. */
const usualProbability = 0.85;
const usualUncertainty = 0.03;
const uncertaintyRange = [0.004, 0.4] as const;
const cropLogitRange = [-6, 6] as const;

/** @returns 0 to 100 */
export function utilityOf(evidence: UtilityEvidence): number {
  const { cropUtility, probability, landmarkUncertainty, embeddingNorm, typicalNorm } = evidence;
  const isDetected = landmarkUncertainty !== undefined;
  const isEmbedded = typicalNorm !== undefined && embeddingNorm > 0;
  const by = coefficientsFor(isDetected, isEmbedded);
  const share = cropUtility / 100;
  const logit =
    by.offset +
    by.crop * within(cropLogitRange, Math.log(share / (1 - share))) +
    by.probability * (probability - usualProbability) +
    by.logUncertainty *
      Math.log(within(uncertaintyRange, landmarkUncertainty ?? usualUncertainty) / usualUncertainty) +
    (isEmbedded ? (by.norm * (embeddingNorm - typicalNorm.mean)) / typicalNorm.standardDeviation : 0);
  return 100 / (1 + Math.exp(-logit));
}

function coefficientsFor(isDetected: boolean, isEmbedded: boolean): Coefficients {
  if (isDetected) return coefficients[isEmbedded ? 'detected and embedded' : 'detected'];
  return coefficients[isEmbedded ? 'embedded' : 'crop'];
}

function within([least, most]: readonly [number, number], value: number): number {
  return Math.min(Math.max(value, least), most);
}
