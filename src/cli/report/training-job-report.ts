import { counted } from '../../core/counted.js';
import type { ShareChoice__Output } from '../../generated/symface/v1/ShareChoice.js';
import type { Training__Output } from '../../generated/symface/v1/Training.js';
import type { TrainingData__Output } from '../../generated/symface/v1/TrainingData.js';
import type { TrainingPolicy__Output } from '../../generated/symface/v1/TrainingPolicy.js';
import type { TrainingResult__Output } from '../../generated/symface/v1/TrainingResult.js';
import type { VerificationFigures__Output } from '../../generated/symface/v1/VerificationFigures.js';
import { idIn } from '../enrolment-names.js';
import { gateSentences, noGateSentences } from '../../core/protocols/choice/gate-text.js';
import { falseMatchRateText, intervalText, percent, points } from '../../core/protocols/figure-text.js';
import { halfRows } from './half-rows.js';
import { tableLines } from './table.js';

/** What a training job has for itself, for people. */
export function trainingLines(training: Training__Output, actor: string): readonly string[] {
  const { progress, result, policy } = training;
  const data = result?.data ?? progress?.data ?? null;
  return [
    `  parent    ${idIn(training.parentModelVersion)}, asked for by ${actor}`,
    ...(policy === null ? [] : [`  policy    ${policyText(policy)}`]),
    ...(data === null ? [] : dataLines(data)),
    ...(result === null && progress !== null && progress.stepCount > 0
      ? [
          `  steps     ${progress.finishedStepCount} of ${progress.stepCount}, loss ${progress.loss.toFixed(3)}`,
        ]
      : []),
    ...(result === null ? [] : resultLines(result)),
  ];
}

function policyText(policy: TrainingPolicy__Output): string {
  const { epochs = 0, learningRate = 0, batchSize = 0, symmetryWeight = 0 } = policy;
  const { trainedShare, replayIdentities, headEpochs = 0, trainedLayers = 1 } = policy;
  const more = [
    ...(headEpochs === 0 ? [] : [`the head alone for ${headEpochs}`]),
    ...(trainedLayers === 1 ? [] : [`${trainedLayers} of the layers`]),
    ...(replayIdentities === undefined ? [] : [`replay of at most ${replayIdentities} identities`]),
    ...(trainedShare === undefined ? [] : [`${trainedShare} of the way`]),
  ];
  const loss = policy.loss.replace('TRAINING_LOSS_', '').toLowerCase();
  return `${counted(epochs, 'epoch')}, ${loss}, symmetry x${symmetryWeight}, rate ${policy.findLearningRate ? 'found' : learningRate}, batches of ${batchSize}${more.map((setting) => `, ${setting}`).join('')}`;
}

function dataLines(data: TrainingData__Output): readonly string[] {
  const { identityCount, heldOutIdentityCount, faceCount, frontalFaceCount } = data;
  return [
    `  faces     ${faceCount} of ${identityCount} identities, ${frontalFaceCount} frontal; ${heldOutIdentityCount} identities held out`,
    `  consent   ${data.consentingFaceCount} of ${data.enrolledFaceCount} enrolled faces`,
  ];
}

function resultLines(result: TrainingResult__Output): readonly string[] {
  const { modelVersion, stepCount, parentFigures, candidateFigures, choice, shareOfTheWay } = result;
  const layer = result.projected ? ', with a projection' : '';
  const rate = result.learningRate === 0 ? '' : `, learning rate ${result.learningRate.toPrecision(2)}`;
  return [
    modelVersion === ''
      ? `  candidate none, nothing to gain by ${stepCount} steps${rate}`
      : `  candidate ${idIn(modelVersion)}, ${stepCount} steps, ${shareOfTheWay} of the way${layer}${rate}`,
    ...(choice === null ? [] : choiceLines(choice, result)),
    ...(parentFigures === null || candidateFigures === null
      ? []
      : comparisonLines(parentFigures, candidateFigures)),
  ];
}

/** The shares of the way that were measured, with the one that was chosen. */
function choiceLines(choice: ShareChoice__Output, result: TrainingResult__Output): readonly string[] {
  const { shareOfTheWay, projected: isProjected } = result;
  const { falseMatchRate, requestedFalseMatchRate, identityCount, faceCount } = choice;
  const rows = choice.shares.map(({ share, trueAcceptRate, gain, gainInterval, equalErrorRate, ...of }) => [
    `${share === shareOfTheWay && of.projected === isProjected ? '>' : ' '} ${share}${of.projected ? ' projected' : ''}`,
    percent(trueAcceptRate),
    points(gain),
    intervalText(gainInterval, points),
    percent(equalErrorRate),
    intervalText(of.equalErrorRateChangeInterval, points),
  ]);
  const rate = Number(falseMatchRate.toPrecision(2)).toExponential();
  const instead =
    falseMatchRate === requestedFalseMatchRate
      ? ''
      : `; ${choice.impostorPairCount} pairs of strangers cannot tell ${falseMatchRateText(requestedFalseMatchRate)}, which is in force`;
  return [
    `  chosen    by ${faceCount} faces of ${identityCount} identities held out, at a false match rate of ${rate}${instead}`,
    ...tableLines(['SHARE', `TAR@FMR=${rate}`, 'GAIN', '95 % INTERVAL', 'EER', 'CHANGE, 95 %'], rows).map(
      (line) => `  ${line}`,
    ),
    ...gateLines(choice, result),
  ];
}

/** What the gate does, a sentence a line; nothing where there is no candidate that it could be before. */
function gateLines(
  { gate, smoothingPixels }: ShareChoice__Output,
  { modelVersion }: TrainingResult__Output,
): readonly string[] {
  if (modelVersion === '') return [];
  const sentences = gate === null ? noGateSentences : gateSentences(gate, smoothingPixels);
  return sentences.map((sentence, index) => `  ${index === 0 ? 'gate     ' : '         '} ${sentence}`);
}

/** Parent and candidate on the same pairs. */
function comparisonLines(
  parent: VerificationFigures__Output,
  candidate: VerificationFigures__Output,
): readonly string[] {
  const rates = parent.trueAcceptRates.map(({ falseMatchRate, trueAcceptRate }) => {
    const same = candidate.trueAcceptRates.find((rate) => rate.falseMatchRate === falseMatchRate);
    const after = same === undefined ? '-' : percent(same.trueAcceptRate);
    return [`TAR@FMR=${falseMatchRateText(falseMatchRate)}`, percent(trueAcceptRate), after];
  });
  const rows = [
    ['accuracy', accuracyText(parent), accuracyText(candidate)],
    ['EER', percent(parent.equalErrorRate), percent(candidate.equalErrorRate)],
    ...rates,
    ...halfRows(parent, candidate),
  ];
  return tableLines(['HELD OUT', 'PARENT', 'CANDIDATE'], rows).map((line) => `  ${line}`);
}

function accuracyText({ accuracyMean, accuracyStandardDeviation }: VerificationFigures__Output): string {
  return `${(100 * accuracyMean).toFixed(2)} ± ${percent(accuracyStandardDeviation)}`;
}
