import { Failure, type FieldViolation } from '../../../core/failure.js';

export const retrainingLosses = ['arcface', 'cosface', 'adaface'] as const;
export type RetrainingLoss = (typeof retrainingLosses)[number];

/** How a backbone is fine-tuned on enrolled faces, and what they must be for that. */
export interface RetrainingPolicy {
  /** Those with enough faces, held out ones included. */
  readonly minimumIdentities: number;
  /** Identities with fewer faces are left out. */
  readonly minimumFacesPerIdentity: number;
  /** Of faces with ρ > τ among all: below it the symmetry term harms (the paper's limitation). */
  readonly minimumFrontalShare: number;
  /** Of identities: not trained on, so that the parent and the candidate can be compared on them. */
  readonly holdOutFraction: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly loss: RetrainingLoss;
  /** Of L_ρ on unit embeddings; 0: faces are split, and the face loss alone is trained on. */
  readonly symmetryWeight: number;
  /** p (Eq. 9) */
  readonly splitFraction: number;
  /** τ */
  readonly tau: number;
  /** Of the order of faces and of what is mirrored and split. */
  readonly seed: number;
  /**
   * Epochs in a row in which the identities held out are not told apart better that end the training; the best epoch's
   * network is the candidate. 0: the last one's is.
   */
  readonly earlyStoppingPatience: number;
  /** At most so many of the operator's own are trained on too, 0 for none; absent: as many as there are. */
  readonly replayIdentities?: number;
}

/** The measured fine-tuning of docs/results/symmetry-term.md: one pass, in small steps, from what the parent knows. */
export const defaultRetrainingPolicy: RetrainingPolicy = {
  minimumIdentities: 20,
  minimumFacesPerIdentity: 2,
  minimumFrontalShare: 0.2,
  holdOutFraction: 0.2,
  epochs: 1,
  learningRate: 0.0003,
  batchSize: 32,
  loss: 'arcface',
  symmetryWeight: 10,
  splitFraction: 0.3,
  tau: 0.2,
  seed: 1,
  earlyStoppingPatience: 3,
};

/** Verification needs two persons who were not trained on, and a head two who are. */
export const fewestHeldOut = 2;
const fewestIdentities = 4;

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly isWhole?: true;
}

const bounds: Readonly<Record<Exclude<keyof RetrainingPolicy, 'loss'>, Bounds>> = {
  minimumIdentities: { from: fewestIdentities, to: 1e9, isWhole: true },
  minimumFacesPerIdentity: { from: 2, to: 1e6, isWhole: true },
  minimumFrontalShare: { from: 0, to: 1 },
  holdOutFraction: { from: 0.01, to: 0.5 },
  epochs: { from: 1, to: 1000, isWhole: true },
  learningRate: { from: 1e-9, to: 1 },
  batchSize: { from: 2, to: 4096, isWhole: true },
  symmetryWeight: { from: 0, to: 1e6 },
  splitFraction: { from: 0, to: 1 },
  tau: { from: 0, to: 1 },
  seed: { from: 0, to: 2 ** 32 - 1, isWhole: true },
  earlyStoppingPatience: { from: 0, to: 1000, isWhole: true },
  replayIdentities: { from: 0, to: 1e9, isWhole: true },
};

/**
 * The default policy with what is given in place of its own.
 * @throws Failure INVALID_ARGUMENT naming every setting that is out of its bounds, as `policy.<name>`
 */
export function retrainingPolicy(given: Partial<RetrainingPolicy>): RetrainingPolicy {
  const stated = Object.fromEntries(Object.entries(given).filter(isStated));
  const policy: RetrainingPolicy = { ...defaultRetrainingPolicy, ...stated };
  const violations = violationsOf(policy);
  if (violations.length === 0) return policy;
  const listing = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
  throw new Failure('INVALID_ARGUMENT', `${listing}.`, {}, violations);
}

/** Callers may spread what a request leaves open. */
function isStated([, value]: readonly [string, unknown]): boolean {
  return value !== undefined;
}

function violationsOf(policy: RetrainingPolicy): readonly FieldViolation[] {
  const found: FieldViolation[] = [];
  for (const [name, { from, to, isWhole }] of Object.entries(bounds)) {
    const value = policy[name as keyof typeof bounds];
    if (value === undefined) continue;
    if (value >= from && value <= to && (isWhole !== true || Number.isInteger(value))) continue;
    const kind = isWhole === true ? 'a whole number' : 'a number';
    found.push({ field: `policy.${snakeCase(name)}`, description: `must be ${kind} from ${from} to ${to}` });
  }
  // An epoch's halves come in pairs.
  if (policy.splitFraction > 0 && policy.batchSize % 2 !== 0) {
    found.push({ field: 'policy.batch_size', description: 'must be even where faces are split' });
  }
  return found;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
