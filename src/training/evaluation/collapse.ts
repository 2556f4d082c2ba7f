import type { EvaluationResult } from './measure-evaluation-set.js';

/** Signs that a network has stopped telling faces apart. */
export type CollapseSign = 'equal-halves' | 'chance' | 'no-length' | 'no-gradient';

export interface CollapseWarning {
  readonly sign: CollapseSign;
  /** What was seen and what to do, as a sentence. */
  readonly text: string;
}

/** What single precision leaves of a distance or a length of 0. */
const nothing = 1e-6;
/** Of 1,000 networks that draw lots one is this far above chance. */
const deviationsAboveChance = 3;
/** Fewer pairs than some 70 of a kind cannot tell chance from a network that learns slowly. */
const largestDeviation = 0.05;
const advice =
  'Stop it, go back to an earlier checkpoint, and lower learningRate or the weight of the symmetry term';

/** What an evaluation says of a network that has collapsed. */
export function collapseInEvaluation({
  set,
  report,
  halves,
}: Pick<EvaluationResult, 'set'> & {
  readonly halves: { readonly distance: number } | undefined;
  readonly report: Pick<
    EvaluationResult['report'],
    'areaUnderCurve' | 'genuinePairCount' | 'impostorPairCount' | 'meanEmbeddingNorm'
  > & { readonly accuracy: { readonly mean: number } };
}): readonly CollapseWarning[] {
  const { areaUnderCurve, accuracy, genuinePairCount: genuine, impostorPairCount: impostor } = report;
  // Mann and Whitney 1947: the standard deviation of the area where similarities say nothing.
  const deviation = Math.sqrt((genuine + impostor + 1) / (12 * genuine * impostor));
  const warnings: CollapseWarning[] = [];
  if (!(report.meanEmbeddingNorm > nothing))
    warnings.push({ sign: 'no-length', text: `On ${set} embeddings have no length. ${advice}.` });
  if (halves !== undefined && !(halves.distance > nothing))
    warnings.push({
      sign: 'equal-halves',
      text: `On ${set} both halves of every face have one embedding: the network ignores its input. ${advice}.`,
    });
  if (deviation <= largestDeviation && !(areaUnderCurve > 0.5 + deviationsAboveChance * deviation))
    warnings.push({
      sign: 'chance',
      text: `On ${set} the network tells persons apart as well as chance does (accuracy ${(accuracy.mean * 100).toFixed(1)} %, area under the curve ${areaUnderCurve.toFixed(3)}). ${advice}.`,
    });
  return warnings;
}

/**
 * What the means over some steps say of a network that has collapsed.
 * @param hasHalves whether faces are split in them
 */
export function collapseInSteps(
  { symmetryLoss, gradientNorm }: { readonly symmetryLoss: number; readonly gradientNorm: number },
  hasHalves: boolean,
): readonly CollapseWarning[] {
  const warnings: CollapseWarning[] = [];
  if (hasHalves && symmetryLoss === 0)
    warnings.push({
      sign: 'equal-halves',
      text: `The symmetry loss is 0: both halves of every face have one embedding. ${advice}.`,
    });
  if (gradientNorm === 0)
    warnings.push({ sign: 'no-gradient', text: `The gradient is 0: nothing is learnt any more. ${advice}.` });
  return warnings;
}
