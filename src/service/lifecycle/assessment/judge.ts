import type { PairedComparison } from '../../../core/protocols/compare-pair-scores.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';
import type { Amounts, Assessment, AssessmentCheck, HeldOutComparison } from './assessment.js';
import type { AssessmentPolicy, HeldOutRule } from './assessment-policy.js';

/** The level at which McNemar's test decides where a data set names no persons, so that there is no interval. */
const significance = 0.05;

/** What a policy makes of what was measured. A candidate has passed where every check has. */
export function assessByPolicy(assessment: Assessment, policy: AssessmentPolicy): readonly AssessmentCheck[] {
  const { heldOut, benchmarks, latencyMs, sizeBytes, calibration } = assessment;
  return [
    ...(policy.heldOut === 'ignored' ? [] : [heldOutCheck(heldOut, policy.heldOut)]),
    ...benchmarks.map(({ datasetId, difference }): AssessmentCheck => ({
      name: 'benchmark',
      datasetId,
      hasPassed: !isWorse(difference),
      finding: `accuracy ${differenceText(difference)}`,
    })),
    amountsCheck('latency', latencyMs, policy.maximumLatencyRatio, (ms) => `${ms.toFixed(2)} ms`),
    amountsCheck(
      'size',
      sizeBytes,
      policy.maximumSizeRatio,
      (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`,
    ),
    calibrationCheck(calibration, policy),
  ];
}

function heldOutCheck(
  heldOut: HeldOutComparison | undefined,
  rule: Exclude<HeldOutRule, 'ignored'>,
): AssessmentCheck {
  const named = { name: 'held-out', datasetId: undefined } as const;
  if (heldOut === undefined) {
    const finding =
      'fewer than two identities with two faces or more consent to training and are held out, so nothing was compared';
    return { ...named, hasPassed: false, finding };
  }
  const { difference, identityCount, faceCount } = heldOut;
  const holds: Readonly<Record<typeof rule, boolean>> = {
    better: difference.accuracyDifference > 0,
    'better-beyond-chance': isBetter(difference),
    'not-worse': !isWorse(difference),
  };
  const of = `${faceCount} faces of ${identityCount} identities`;
  return {
    ...named,
    hasPassed: holds[rule],
    finding: `accuracy on ${of} ${differenceText(difference)}; must be ${ruleText[rule]}`,
  };
}

const ruleText = {
  better: 'better',
  'better-beyond-chance': 'better beyond chance',
  'not-worse': 'not worse beyond chance',
} as const;

/** Whether the candidate is worse beyond what chance explains. */
function isWorse({ accuracyInterval, accuracyDifference, pValue }: PairedComparison): boolean {
  if (accuracyInterval === undefined) return accuracyDifference < 0 && pValue < significance;
  return accuracyInterval.upper < 0;
}

function isBetter({ accuracyInterval, accuracyDifference, pValue }: PairedComparison): boolean {
  if (accuracyInterval === undefined) return accuracyDifference > 0 && pValue < significance;
  return accuracyInterval.lower > 0;
}

/** "+0.25 points (-0.10 to +0.60)" */
function differenceText({ accuracyDifference, accuracyInterval, pValue }: PairedComparison): string {
  const spread =
    accuracyInterval === undefined
      ? `p = ${pValue.toFixed(3)}`
      : `${points(accuracyInterval.lower)} to ${points(accuracyInterval.upper)}`;
  return `${points(accuracyDifference)} points (${spread})`;
}

function points(share: number): string {
  const value = (100 * share).toFixed(2);
  return share >= 0 ? `+${value}` : value;
}

function amountsCheck(
  name: 'latency' | 'size',
  { baseline, candidate }: Amounts,
  maximumRatio: number,
  text: (amount: number) => string,
): AssessmentCheck {
  const ratio = candidate / baseline;
  return {
    name,
    datasetId: undefined,
    hasPassed: ratio <= maximumRatio,
    finding: `${text(candidate)} beside ${text(baseline)}: ${ratio.toFixed(2)} times, at most ${maximumRatio}`,
  };
}

function calibrationCheck(
  calibration: Assessment['calibration'],
  { requireCalibration }: AssessmentPolicy,
): AssessmentCheck {
  const named = { name: 'calibration', datasetId: undefined } as const;
  if ('refusal' in calibration) {
    return { ...named, hasPassed: !requireCalibration, finding: `no threshold: ${calibration.refusal}` };
  }
  const { description, falseMatchRate, similarityThreshold } = calibration;
  const finding = `threshold ${similarityThreshold.toFixed(4)} at a false match rate of ${falseMatchRateText(falseMatchRate)} on ${description}`;
  return { ...named, hasPassed: true, finding };
}
