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
 * The logit of the share of comparisons with sharp photographs of the same person that succeed at a false match rate of 1e-3, for each set
 * of measures that there may be. How the measures weigh against each other was chosen by error-versus-discard curves on development
 * identities; the scale is a logistic regression on persons that the network was not trained on (scripts/train-face-quality.mjs).
 */
const coefficients = {
  crop: { offset: 0.1316, crop: 0.8348, probability: 0, logUncertainty: 0, norm: 0 },
  detected: { offset: -0.329, crop: 0.7796, probability: 4.8726, logUncertainty: -0.0975, norm: 0 },
  embedded: { offset: 1.2703, crop: 0.4546, probability: 0, logUncertainty: 0, norm: 0.9092 },
  'detected and embedded': {
    offset: 0.844,
    crop: 0.4208,
    probability: 3.3665,
    logUncertainty: -0.0842,
    norm: 0.8416,
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
