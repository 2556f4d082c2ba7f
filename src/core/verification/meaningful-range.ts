import { invalidField } from '../invalid-field.js';
import { type Calibration, referenceThreshold } from '../protocols/calibration/model-calibration.js';
import { falseMatchRateText } from '../protocols/figure-text.js';

/** Of the way from the threshold of 1e-3 to 1, that beyond which hardly anything but the same photograph reaches. */
const shareToIdentity = 0.75;

/**
 * Refuses a threshold at which a calibrated model version decides nothing: below the one that the loosest calibrated false match rate
 * has (of 1e-1: more than a tenth of strangers match), or so high that hardly two photographs of anybody match.
 * @throws Failure INVALID_ARGUMENT (field `similarity_threshold`), naming the calibrated thresholds
 */
export function requireMeaningful(similarityThreshold: number, { thresholds }: Calibration): void {
  const [loosest] = thresholds;
  const reference = referenceThreshold(thresholds);
  if (loosest === undefined || reference === undefined) return;
  const highest = reference.similarityThreshold + (1 - reference.similarityThreshold) * shareToIdentity;
  const known = thresholds.map(
    (threshold) =>
      `${threshold.similarityThreshold.toFixed(4)} (FMR ${falseMatchRateText(threshold.falseMatchRate)})`,
  );
  const calibrated = `the active model version is calibrated to ${known.join(', ')}`;
  if (similarityThreshold < loosest.similarityThreshold) {
    const strangers = `more than ${Math.round(100 * loosest.falseMatchRate)} % of strangers match at ${similarityThreshold}`;
    throw invalidField(
      'similarity_threshold',
      `must be at least ${loosest.similarityThreshold.toFixed(4)}: ${strangers}; ${calibrated}`,
    );
  }
  if (similarityThreshold > highest) {
    const nobody = `hardly any two photographs of one person reach ${similarityThreshold}`;
    throw invalidField(
      'similarity_threshold',
      `must be at most ${highest.toFixed(4)}: ${nobody}; ${calibrated}`,
    );
  }
}
