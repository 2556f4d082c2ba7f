import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TrainingPolicySchema } from '../../generated/symface/v1/training_pb.js';
import { TrainingLoss } from '../../generated/symface/v1/training_pb.js';

/** A number of the policy as a form has it. */
export interface PolicySetting {
  readonly label: string;
  readonly hint: string;
  /** The service's: a number, or what it does where none is stated. */
  readonly default: number | 'found' | 'all';
  readonly from: number;
  readonly to: number;
  readonly isWhole?: true;
}

/** The numbers of the policy that a form asks for, the ones that are changed most first. */
export const policySettings = {
  epochs: {
    label: 'Epochs',
    hint: 'How often each face is trained on',
    default: 3,
    from: 1,
    to: 1000,
    isWhole: true,
  },
  learningRate: { label: 'Learning rate', hint: 'Of gradient descent', default: 0.001, from: 1e-9, to: 1 },
  batchSize: {
    label: 'Batch size',
    hint: 'Faces and halves of a step; even where faces are split',
    ...{ default: 32, from: 2, to: 4096, isWhole: true },
  },
  trainedShare: {
    label: 'Share of the way',
    hint: 'From the old weights (0) to the trained ones (1). Empty: found by the identities held out',
    default: 'found',
    ...{ from: 0.01, to: 1 },
  },
  headEpochs: {
    label: 'Epochs of the head alone',
    hint: 'The first ones, in which the network stays as it is',
    ...{ default: 0, from: 0, to: 999, isWhole: true },
  },
  trainedLayers: {
    label: 'Share of layers trained',
    hint: 'Of the network, counted from its end; the others stay as they are',
    ...{ default: 1, from: 0.01, to: 1 },
  },
  symmetryWeight: {
    label: 'Weight of the symmetry term',
    hint: '0 trains on the face loss alone',
    ...{ default: 1, from: 0, to: 1e6 },
  },
  splitFraction: {
    label: 'Share of symmetric faces split',
    hint: 'In each epoch',
    ...{ default: 0.3, from: 0, to: 1 },
  },
  tau: { label: 'τ', hint: 'Faces with ρ above it are symmetric', default: 0.2, from: 0, to: 1 },
  minimumFrontalShare: {
    label: 'Least share of symmetric faces',
    hint: 'With fewer the symmetry term is left out',
    ...{ default: 0.2, from: 0, to: 1 },
  },
  minimumIdentities: {
    label: 'Fewest identities',
    hint: 'With fewer nothing is trained',
    ...{ default: 20, from: 4, to: 1e9, isWhole: true },
  },
  minimumFacesPerIdentity: {
    label: 'Fewest faces of each',
    hint: 'Identities with fewer are left out',
    ...{ default: 2, from: 2, to: 1e6, isWhole: true },
  },
  holdOutFraction: {
    label: 'Share held out',
    hint: 'Of the identities, to compare on. Empty: a fifth, or more where thresholds need it',
    default: 'found',
    ...{ from: 0.01, to: 0.5 },
  },
  replayIdentities: {
    label: 'Identities replayed',
    hint: 'At most so many of SYMFACE_REPLAY_DATA; 0 for none. Empty: all',
    default: 'all',
    ...{ from: 0, to: 1e9, isWhole: true },
  },
  seed: {
    label: 'Seed',
    hint: 'Of the order of faces, and of what is mirrored and split',
    ...{ default: 1, from: 0, to: 2 ** 32 - 1, isWhole: true },
  },
} as const satisfies Readonly<Record<string, PolicySetting>>;

export type PolicySettingName = keyof typeof policySettings;

export const policySettingNames = Object.keys(policySettings) as readonly PolicySettingName[];

/** What somebody has typed; a setting that is absent or empty has the service's default. */
export interface PolicyDraft {
  readonly numbers: Readonly<Partial<Record<PolicySettingName, string>>>;
  readonly loss: TrainingLoss;
  /** Whether the learning rate is found; what is typed of it says nothing then. */
  readonly findLearningRate: boolean;
}

export const emptyDraft: PolicyDraft = {
  numbers: {},
  loss: TrainingLoss.UNSPECIFIED,
  findLearningRate: false,
};

/** The policy that a draft means: what it states, and nothing else. */
export function policyOf({
  numbers,
  loss,
  findLearningRate,
}: PolicyDraft): MessageInitShape<typeof TrainingPolicySchema> {
  const stated = policySettingNames.flatMap((name) => {
    if (findLearningRate && name === 'learningRate') return [];
    const text = numbers[name]?.trim() ?? '';
    const value = Number(text);
    return text === '' || Number.isNaN(value) ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(stated), loss, findLearningRate };
}

/** The draft that means a policy. */
export function draftOf(
  policy: Readonly<Partial<Record<PolicySettingName, number | undefined>>> &
    Pick<PolicyDraft, 'loss' | 'findLearningRate'>,
): PolicyDraft {
  const numbers = policySettingNames.flatMap((name) => {
    const value = policy[name];
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  const { loss, findLearningRate } = policy;
  return { numbers: Object.fromEntries(numbers), loss, findLearningRate };
}
