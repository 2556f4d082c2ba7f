import type { GateFigures } from '../../../core/protocols/choice/gate-figures.js';
import type { ConfidenceInterval } from '../../../core/protocols/metrics/identity-bootstrap.js';
import type { HalfFigures } from '../../../core/protocols/metrics/half-symmetry.js';
import type { TrainingSteps } from '../../../training/enrolled-faces/training-steps.js';
import type { Job, Json } from '../../jobs/job.js';
import type { RetrainingPolicy } from './retraining-policy.js';
import type { TrainingDataCounts } from './training-data-counts.js';

/** What a training job is asked to do. */
export interface TrainingInput {
  /** The backbone's model version that is fine-tuned. */
  readonly parent: string;
  readonly policy: RetrainingPolicy;
  /** The rate in force when it was asked for, which how far to go is found at; absent in jobs of before it was found. */
  readonly falseMatchRate?: number;
  /** Activates the candidate where its assessment passes it. */
  readonly activateWhenPassed: boolean;
}

/** The faces of a training, as they were when it began. */
export interface TrainingDataSummary {
  readonly counts: TrainingDataCounts;
  readonly heldOutIdentities: number;
  /** The bound by which those held out are found again (`heldOutBelow`). */
  readonly heldOutBelow: number;
  /** SHA-256 of the snapshot, hex. */
  readonly digest: string;
}

/** `collecting` faces, `preparing` (measuring the parent, the head), `training`, `choosing` how far to go, `registering` the candidate. */
export type TrainingPhase = 'collecting' | 'preparing' | 'training' | 'choosing' | 'registering';

/** Networks on the way from the parent to what was trained. */
export interface ChoosingProgress {
  readonly measured: number;
  readonly networks: number;
}

/** How far a training is. */
export interface TrainingProgress {
  readonly phase: TrainingPhase;
  readonly data?: TrainingDataSummary;
  readonly steps?: TrainingSteps;
  /** Once the last step is done. */
  readonly choosing?: ChoosingProgress;
  /** How it went so far; absent in jobs of before it was told. */
  readonly curve?: TrainingCurve;
}

/** Means over the steps since the point before it. */
export interface CurvePoint {
  /** Steps that were done. */
  readonly step: number;
  readonly learningRate: number;
  readonly loss: number;
  readonly faceLoss: number;
  readonly symmetryLoss: number;
  /** The distance to the parent's embeddings. */
  readonly distillationLoss: number;
}

/** How the network did on the identities held out after so many steps. */
export interface HeldOutPoint extends VerificationFigures {
  readonly step: number;
}

/** What a training came to on its way, for curves. */
export interface TrainingCurve {
  readonly points: readonly CurvePoint[];
  /** The parent's is of step 0. */
  readonly heldOut: readonly HeldOutPoint[];
}

/** The figures of the parent on the identities held out; undefined before it was measured. */
export function parentFiguresOf({ curve }: TrainingProgress): VerificationFigures | undefined {
  return curve?.heldOut.find(({ step }) => step === 0);
}

/** How well a model verifies pairs of faces of identities that were held out. */
export interface VerificationFigures {
  readonly accuracyMean: number;
  readonly accuracyStandardDeviation: number;
  readonly equalErrorRate: number;
  readonly trueAcceptRates: readonly { readonly falseMatchRate: number; readonly trueAcceptRate: number }[];
  /** Absent where no face of two persons is known to be symmetric, and in jobs of before halves were measured. */
  readonly halves?: HalfFigures | undefined;
}

/** How a network a share of the way from the parent to what was trained verifies faces of identities held out. */
export interface ShareFigures {
  /** 0: the parent, 1: what was trained. */
  readonly trainedShare: number;
  /** Whether with a projection as its last layer; absent in jobs of before there were any. */
  readonly isProjected?: boolean;
  readonly trueAcceptRate: number;
  /** The true accept rate less the parent's. */
  readonly gain: number;
  /** 95 %; absent of the parent. */
  readonly gainInterval?: ConfidenceInterval | undefined;
  readonly equalErrorRate: number;
  /** 95 %, of the equal error rate less the parent's; absent of the parent. */
  readonly errorChangeInterval?: ConfidenceInterval | undefined;
}

/** How far to go from the parent to what was trained, and what that was chosen by. */
export interface ShareChoice {
  /** The share that was chosen; where it is 0 and nothing is projected, nothing is to be gained. */
  readonly trainedShare: number;
  readonly isProjected?: boolean;
  /** What the gate does; absent where looks do not tell the faces, and in jobs of before there was one. */
  readonly gate?: GateFigures;
  /** By which crops that pass the gate are smoothed; absent in jobs of before there was any. */
  readonly smoothingPixels?: number;
  /** The rate of the true accept rates: the one asked for, or the strictest that the faces can tell. */
  readonly falseMatchRate: number;
  readonly askedFalseMatchRate: number;
  readonly identityCount: number;
  readonly faceCount: number;
  readonly genuinePairCount: number;
  readonly impostorPairCount: number;
  readonly shares: readonly ShareFigures[];
}

/** What came of a training. */
export interface TrainingOutput {
  /** The candidate's; absent where nothing was to be gained. */
  readonly modelVersion?: string;
  readonly data: TrainingDataSummary;
  readonly steps: number;
  readonly parentFigures: VerificationFigures;
  /** Absent where there is no candidate. */
  readonly candidateFigures?: VerificationFigures;
  /** How far to go; absent where the policy said it, and in jobs of before it was found. */
  readonly choice?: ShareChoice;
  /** The first of the training where it was found; absent where the policy said it. */
  readonly learningRate?: number;
  /** Id of the candidate's assessment, which follows. */
  readonly assessment?: string;
}

/** What a job's row holds. */
export function trainingInputOf({ input }: Pick<Job, 'input'>): TrainingInput {
  return input as unknown as TrainingInput;
}

/** What a job's worker told last; undefined before the first time. */
export function trainingProgressOf({ progress }: Pick<Job, 'progress'>): TrainingProgress | undefined {
  return (progress ?? undefined) as unknown as TrainingProgress | undefined;
}

/** What came of a job; undefined before it has succeeded. */
export function trainingOutputOf({ output }: Pick<Job, 'output'>): TrainingOutput | undefined {
  return (output ?? undefined) as unknown as TrainingOutput | undefined;
}

/** The value as a job's row holds it. */
export function jsonOf(value: TrainingInput | TrainingProgress | TrainingOutput): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
