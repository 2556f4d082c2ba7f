import type { HalfFigures } from '../../../core/protocols/metrics/half-symmetry.js';
import type { VerificationFigures } from './training-job.js';
import { type EvaluationEntry, readRunLog } from '../../../training/runs/run-log.js';

/** How the network did on the identities held out: at the start, where that was measured, and as it came out. */
export interface HeldOutMetrics {
  /** The metrics of the parent. */
  readonly first: VerificationFigures | undefined;
  /** The metrics of the candidate, once the training has finished. */
  readonly last: VerificationFigures | undefined;
}

/** @param path of a run's log */
export async function heldOutMetrics(path: string): Promise<HeldOutMetrics> {
  const log = await readRunLog(path);
  const evaluations = log.filter((entry) => entry.kind === 'evaluation');
  const start = evaluations.find(({ step }) => step === 0);
  const last = evaluations.at(-1);
  return { first: start && figuresOf(start), last: last && figuresOf(last) };
}

/** What an entry of the log says of the network. */
export function figuresOf(entry: EvaluationEntry): VerificationFigures {
  const { accuracyMean, accuracyStandardDeviation, equalErrorRate, trueAcceptRates } = entry;
  const halves = halvesOf(entry);
  return {
    ...{ accuracyMean, accuracyStandardDeviation, equalErrorRate, trueAcceptRates },
    ...(halves && { halves }),
  };
}

function halvesOf(entry: EvaluationEntry): HalfFigures | undefined {
  const { halfFaceCount, halfRatio, halfAreaUnderCurve } = entry;
  if (halfFaceCount === undefined || halfRatio === undefined || halfAreaUnderCurve === undefined)
    return undefined;
  return { faceCount: halfFaceCount, distanceRatio: halfRatio, areaUnderCurve: halfAreaUnderCurve };
}
