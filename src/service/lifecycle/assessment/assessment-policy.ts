import { Failure, type FieldViolation } from '../../../core/failure.js';

/** What a candidate must do on the identities held out: by accuracy, or beyond what chance explains, or not at all. */
export const heldOutRules = ['better', 'better-beyond-chance', 'not-worse', 'ignored'] as const;
export type HeldOutRule = (typeof heldOutRules)[number];

/** What a candidate must be, beside the model that serves, to pass. */
export interface AssessmentPolicy {
  /** Ids of registered data sets; all of them where undefined. */
  readonly datasets: readonly string[] | undefined;
  readonly heldOut: HeldOutRule;
  /** How many pairs of faces of identities held out are compared at most. */
  readonly heldOutPairs: number;
  /** How many times the serving model's time one face may take. */
  readonly maximumLatencyRatio: number;
  /** How many times the serving model's bytes the graph may have. */
  readonly maximumSizeRatio: number;
  /** Whether a candidate that cannot be given a threshold at the false match rate in force fails. */
  readonly requireCalibration: boolean;
}

const defaultAssessmentPolicy: AssessmentPolicy = {
  datasets: undefined,
  heldOut: 'better',
  heldOutPairs: 6000,
  maximumLatencyRatio: 1.5,
  // Two networks, one of them with a projection, where a gate keeps faces that look otherwise what they had.
  maximumSizeRatio: 3,
  requireCalibration: true,
};

/**
 * The default policy with what is given in place of its own.
 * @throws Failure INVALID_ARGUMENT naming every setting that is out of its bounds, as `policy.<name>`
 */
export function assessmentPolicy(given: Partial<AssessmentPolicy>): AssessmentPolicy {
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const policy: AssessmentPolicy = { ...defaultAssessmentPolicy, ...stated };
  const violations = violationsOf(policy);
  if (violations.length === 0) return policy;
  const listing = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
  throw new Failure('INVALID_ARGUMENT', `${listing}.`, {}, violations);
}

function violationsOf(policy: AssessmentPolicy): readonly FieldViolation[] {
  const { heldOutPairs, maximumLatencyRatio, maximumSizeRatio } = policy;
  const rules: readonly (readonly [boolean, string, string])[] = [
    [
      Number.isInteger(heldOutPairs) && heldOutPairs >= 2 && heldOutPairs <= 1e6,
      'held_out_pair_count',
      'must be a whole number from 2 to 1000000',
    ],
    [isRatio(maximumLatencyRatio), 'maximum_latency_ratio', 'must be above 0'],
    [isRatio(maximumSizeRatio), 'maximum_size_ratio', 'must be above 0'],
  ];
  return rules.flatMap(([holds, name, description]) =>
    holds ? [] : [{ field: `policy.${name}`, description }],
  );
}

function isRatio(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}
