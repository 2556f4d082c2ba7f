import { counted } from '../../core/counted.js';
import type { HalfSymmetry } from '../../core/protocols/metrics/half-symmetry.js';
import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';
import type { ReplayEntry } from '../runs/run-log.js';
import type { TrainingPosition, TrainStart } from '../runs/train.js';
import { falseMatchRateText, percent } from '../../core/protocols/figure-text.js';

/** What a run begins with. */
export function startLines(start: TrainStart, runFolder: string): readonly string[] {
  const { parameterCount, classCount, faceCount, symmetricCount, samplesPerEpoch } = start;
  const { stepsPerEpoch, epochs, heldOutIdentityCount, from, replay, remarks } = start;
  const millions = (parameterCount / 1e6).toFixed(2);
  return [
    `Training ${millions} M parameters on ${faceCount} faces of ${classCount} identities, ${symmetricCount} of them symmetric (N' = ${samplesPerEpoch}).`,
    ...remarks.map((remark) => `  ${remark}.`),
    ...(replay === undefined ? [] : [`  ${replayText(replay)}`]),
    `  ${counted(epochs, 'epoch')} of ${counted(stepsPerEpoch, 'step')}; ${counted(heldOutIdentityCount, 'identity', 'identities')} held out; run in ${runFolder}`,
    ...(from.step === 0 ? [] : [`  goes on after step ${from.step}`]),
  ];
}

export function evaluationLine(
  { step }: TrainingPosition,
  { set, report, halves: measured }: EvaluationResult,
): string {
  const { accuracy, equalErrorRate, trueAcceptRates } = report;
  const rates = trueAcceptRates.map(
    ({ falseMatchRate, trueAcceptRate }) =>
      `TAR@${falseMatchRateText(falseMatchRate)} ${percent(trueAcceptRate)}`,
  );
  const halves = measured === undefined ? [] : [halfText(measured)];
  const figures = [
    `accuracy ${percent(accuracy.mean)} ± ${percent(accuracy.standardDeviation)}`,
    `EER ${percent(equalErrorRate)}`,
    ...rates,
    ...halves,
  ];
  return `  step ${step}, ${set}: ${figures.join(', ')}`;
}

function halfText({ distance, ratio, areaUnderCurve }: HalfSymmetry): string {
  if (ratio === undefined || areaUnderCurve === undefined) return `halves ${distance.toFixed(4)}`;
  return `halves ${distance.toFixed(4)} (ratio ${ratio.toFixed(3)}, AUC ${percent(areaUnderCurve)})`;
}

/** What of a second data set is trained on. */
export function replayText({ identityCount, faceCount, faceShare }: ReplayEntry): string {
  return `${percent(faceShare)} of the faces of each epoch are replayed: ${faceCount} of ${identityCount} identities.`;
}
