import { Failure, type FieldViolation } from '../../../core/failure.js';
import type { RetrainingLoss } from './retraining-losses.js';

/** Verification needs two persons who were not trained on, and a head two who are. */
export const fewestHeldOut = 2;
export const fewestTrainedOn = 2;
const fewestIdentities = fewestHeldOut + fewestTrainedOn;

/** A number of the policy: what it may be, and how the command line calls it. */
export interface RetrainingSetting {
  /** The value where a request says nothing; where it is absent, the policy leaves the setting open. */
  readonly default?: number;
  readonly from: number;
  readonly to: number;
  readonly isWhole?: true;
  /** The option of `symface retrain`; where it is absent, only requests can say it. */
  readonly option?: { readonly flags: string; readonly description: string };
}

/**
 * The numbers that say how a backbone is fine-tuned on enrolled faces, and what these must be for that. All else is made
 * from this table: types, bounds, messages and options. The defaults are those that were measured on six domain shifts
 * (docs/results/retraining.md).
 */
export const retrainingSettings = {
  /** How often each face is trained on. */
  epochs: {
    default: 3,
    from: 1,
    to: 1000,
    isWhole: true,
    option: { flags: '--epochs <count>', description: 'how often each face is trained on' },
  },
  learningRate: {
    default: 0.001,
    from: 1e-9,
    to: 1,
    option: { flags: '--learning-rate <rate>', description: 'of gradient descent' },
  },
  /** Faces and halves of a step. */
  batchSize: {
    default: 32,
    from: 2,
    to: 4096,
    isWhole: true,
    option: { flags: '--batch-size <count>', description: 'faces and halves of a step' },
  },
  /** The weight of L_ρ on unit embeddings; with 0 faces are split, and the face loss alone is trained on. */
  symmetryWeight: {
    default: 1,
    from: 0,
    to: 1e6,
    option: { flags: '--symmetry-weight <factor>', description: 'of the symmetry term; 0 for none' },
  },
  /** Identities with enough faces, held out ones included. */
  minimumIdentities: {
    default: 20,
    from: fewestIdentities,
    to: 1e9,
    isWhole: true,
    option: { flags: '--min-identities <count>', description: 'refuse to train on fewer' },
  },
  /** Identities with fewer faces are left out. */
  minimumFacesPerIdentity: {
    default: 2,
    from: 2,
    to: 1e6,
    isWhole: true,
    option: { flags: '--min-faces <count>', description: 'leave out identities with fewer' },
  },
  /**
   * The share of faces with ρ > τ; below it the symmetry term harms (the paper's limitation), so that no face is split and the
   * face loss alone is trained on.
   */
  minimumFrontalShare: {
    default: 0.2,
    from: 0,
    to: 1,
    option: {
      flags: '--min-frontal <share>',
      description: 'leave the symmetry term out where fewer of the faces are frontal',
    },
  },
  /**
   * The share of identities that are not trained on, so that parent and candidate can be compared on them; open: what
   * thresholds need (`heldOutShare`).
   */
  holdOutFraction: {
    from: 0.01,
    to: 0.5,
    option: {
      flags: '--hold-out <share>',
      description: 'of the identities, to compare on, instead of as many as thresholds need',
    },
  },
  /** The share p of symmetric faces that are split in an epoch (SymFace Eq. 9). */
  splitFraction: { default: 0.3, from: 0, to: 1 },
  /** The frontness τ above which a face counts as symmetric. */
  tau: { default: 0.2, from: 0, to: 1 },
  /** Decides the order of faces, and what is mirrored and split. */
  seed: {
    default: 1,
    from: 0,
    to: 2 ** 32 - 1,
    isWhole: true,
    option: { flags: '--seed <number>', description: 'of the order of faces' },
  },
  /** Epochs in which the head alone is trained; of these there must be fewer than epochs. */
  headEpochs: {
    default: 0,
    from: 0,
    to: 999,
    isWhole: true,
    option: { flags: '--head-epochs <count>', description: 'of the epochs, those that train the head alone' },
  },
  /** The share of the network's layers that is trained, counted from its end. */
  trainedLayers: {
    default: 1,
    from: 0.01,
    to: 1,
    option: {
      flags: '--trained-layers <share>',
      description: 'of the network, counted from its end; the others stay as they are',
    },
  },
  /**
   * How far the candidate is from the parent's weights to the trained ones, 0 to 1; open: as far as the identities held out
   * say (`chooseTrainedShare`).
   */
  trainedShare: {
    from: 0.01,
    to: 1,
    option: {
      flags: '--share <share>',
      description: 'of the way from the old weights to the trained ones, instead of finding how far to go',
    },
  },
  /** At most so many of the operator's own identities are trained on too, 0 for none; open: as many as there are. */
  replayIdentities: {
    from: 0,
    to: 1e9,
    isWhole: true,
    option: {
      flags: '--replay-identities <count>',
      description: 'at most so many of SYMFACE_REPLAY_DATA; 0 for none',
    },
  },
} as const satisfies Readonly<Record<string, RetrainingSetting>>;

type Settings = typeof retrainingSettings;
export type RetrainingSettingName = keyof Settings;
type SettledName = {
  [Name in RetrainingSettingName]: Settings[Name] extends { readonly default: number } ? Name : never;
}[RetrainingSettingName];

/** How a backbone is fine-tuned on enrolled faces, and what they must be for that. */
export type RetrainingPolicy = Readonly<Record<SettledName, number>> &
  Readonly<Partial<Record<Exclude<RetrainingSettingName, SettledName>, number>>> & {
    readonly loss: RetrainingLoss;
    /** The learning rate is found by a range test; learningRate says nothing then. */
    readonly findLearningRate?: boolean;
  };

const settings: Readonly<Record<RetrainingSettingName, RetrainingSetting>> = retrainingSettings;
export const retrainingSettingNames = Object.keys(settings) as readonly RetrainingSettingName[];

const defaultNumbers = Object.fromEntries(
  retrainingSettingNames.flatMap((name) => {
    const value = settings[name].default;
    return value === undefined ? [] : [[name, value]];
  }),
) as Record<SettledName, number>;

export const defaultRetrainingPolicy: RetrainingPolicy = { ...defaultNumbers, loss: 'arcface' };

/**
 * The default policy with what is given in place of its own.
 * @throws Failure INVALID_ARGUMENT naming every setting that is out of its bounds, as `policy.<name>`
 */
export function retrainingPolicy(given: Partial<RetrainingPolicy>): RetrainingPolicy {
  const stated = Object.fromEntries(Object.entries(given).filter(isStated));
  const policy: RetrainingPolicy = { ...defaultRetrainingPolicy, ...stated };
  const violations = [...violationsOf(policy), ...ambiguitiesOf(given)];
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
  for (const name of retrainingSettingNames) {
    const { from, to, isWhole } = settings[name];
    const value = policy[name];
    if (value === undefined) continue;
    if (value >= from && value <= to && (isWhole !== true || Number.isInteger(value))) continue;
    const kind = isWhole === true ? 'a whole number' : 'a number';
    found.push({ field: `policy.${snakeCase(name)}`, description: `must be ${kind} from ${from} to ${to}` });
  }
  // An epoch's halves come in pairs.
  if (policy.splitFraction > 0 && policy.batchSize % 2 !== 0) {
    found.push({ field: 'policy.batch_size', description: 'must be even where faces are split' });
  }
  if (policy.headEpochs > 0 && policy.headEpochs >= policy.epochs) {
    found.push({ field: 'policy.head_epochs', description: `must be below epochs, ${policy.epochs}` });
  }
  return found;
}

/** What is said cannot be found. */
function ambiguitiesOf({ findLearningRate, learningRate }: Partial<RetrainingPolicy>): FieldViolation[] {
  if (findLearningRate !== true || learningRate === undefined) return [];
  return [{ field: 'policy.find_learning_rate', description: 'must not stand beside learning_rate' }];
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
