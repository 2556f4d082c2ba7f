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
 * set of measures that there may be; fitted by scripts/train-face-quality.mjs (docs/models/face-quality.md).
 */
const coefficients = {
  crop: { offset: -0.0104, crop: 1.1019, probability: 0, logUncertainty: 0, norm: 0.0 },
  detected: { offset: -0.3461, crop: 1.0187, probability: 4.7078, logUncertainty: -0.0261, norm: 0.0 },
  embedded: { offset: 1.0132, crop: 0.902, probability: 0, logUncertainty: 0, norm: 0.5801 },
  'detected and embedded': {
    offset: 0.9263,
    crop: 0.8915,
    probability: 1.8726,
    logUncertainty: 0.1547,
    norm: 0.5699,
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
