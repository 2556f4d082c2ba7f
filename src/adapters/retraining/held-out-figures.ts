import type { VerificationFigures } from '../../domain/retraining/training-job.js';
import { type EvaluationEntry, readRunLog } from '../training/run-log.js';

/** How the network did on the identities held out: at the start, where that was measured, and last. */
export interface HeldOutFigures {
  /** The parent's. */
  readonly first: VerificationFigures | undefined;
  /** Of a finished training, the candidate's. */
  readonly last: VerificationFigures | undefined;
}

/** @param path of a run's log */
export async function heldOutFigures(path: string): Promise<HeldOutFigures> {
  const entries = (await readRunLog(path)).filter((entry) => entry.kind === 'evaluation');
  const [start] = entries.filter(({ step }) => step === 0);
  const end = entries.at(-1);
  return { first: start && figuresOf(start), last: end && figuresOf(end) };
}

function figuresOf(entry: EvaluationEntry): VerificationFigures {
  const { accuracyMean, accuracyStandardDeviation, equalErrorRate, trueAcceptRates } = entry;
  return { accuracyMean, accuracyStandardDeviation, equalErrorRate, trueAcceptRates };
}
