import type { ChoiceEntry, SmoothingEntry } from '../runs/run-log.js';
import type { CandidateFigures } from '../../core/protocols/choice/choose-candidate.js';
import { gateSentences } from '../../core/protocols/choice/gate-text.js';
import { falseMatchRateText, percent, points } from '../../core/protocols/figure-text.js';

type Candidate = CandidateFigures;

/** Says by what the share of the way was chosen, and what came of it. */
export function choiceText(choice: ChoiceEntry): string {
  const { trainedShare, identityCount, faceCount, falseMatchRate, askedFalseMatchRate } = choice;
  const rate =
    falseMatchRate === askedFalseMatchRate
      ? falseMatchRateText(falseMatchRate)
      : `${falseMatchRateText(falseMatchRate)}, since ${choice.impostorPairCount} pairs of strangers cannot tell ${falseMatchRateText(askedFalseMatchRate)}`;
  const by = `by ${faceCount} faces of ${identityCount} identities held out, at a false match rate of ${rate}`;
  const chosen = choice.candidates.find(({ name }) => name === choice.chosen);
  if (chosen === undefined || chosen === choice.candidates[0]) {
    return `Nothing to gain: on no share of the way to the trained weights are these verified better beyond chance than at the start (${by}).`;
  }
  const rates = `a true accept rate of ${percent(chosen.trueAcceptRate)}, ${gainText(chosen)}, and an equal error rate of ${errorText(chosen)}`;
  const layer = choice.isProjected ? ' and a projection behind the network' : '';
  return `${trainedShare} of the way to the trained weights${layer}: ${rates} (${by}).${gateText(choice)}`;
}

function gateText({ gate, smoothingPixels }: ChoiceEntry): string {
  if (gate === undefined) return '';
  return ` ${gateSentences(gate, smoothingPixels).join(' ')}`;
}

/** The figures of every share that was measured, for a terminal. */
export function choiceLines(choice: ChoiceEntry): readonly string[] {
  const rows = choice.candidates.map((candidate) => {
    const { name, trueAcceptRate } = candidate;
    const mark = name === choice.chosen ? ' <- chosen' : '';
    return `  share ${name}: TAR ${percent(trueAcceptRate)} (${gainText(candidate)}), EER ${errorText(candidate)}${mark}`;
  });
  return [...rows, `  ${choiceText(choice)}`];
}

/** Says how the crops are smoothed, and by what that was chosen. */
export function smoothingText({ pixels, candidates, identityCount, faceCount }: SmoothingEntry): string {
  const rates = candidates.map((candidate) => `${candidate.pixels}: EER ${errorText(candidate)}`).join(', ');
  const by = `by ${faceCount} faces of ${identityCount} identities held out, as the start sees them; ${rates}`;
  if (pixels === 0) return `Crops are not smoothed (${by}).`;
  return `Crops are smoothed by ${pixels} pixels (${by}).`;
}

/** The gain over the start with its 95 % interval, in points. */
export function gainText({ gain, gainInterval }: Candidate): string {
  if (gainInterval === undefined) return `${points(gain)} points`;
  return `${points(gain)} points, ${points(gainInterval.lower)} to ${points(gainInterval.upper)}`;
}

/** The equal error rate with the 95 % interval of its change, in points. */
export function errorText({ equalErrorRate, errorChangeInterval: change }: Candidate): string {
  if (change === undefined) return percent(equalErrorRate);
  return `${percent(equalErrorRate)} (${points(change.lower)} to ${points(change.upper)})`;
}
