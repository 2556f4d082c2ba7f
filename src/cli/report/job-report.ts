import type { Activation__Output } from '../../generated/symface/v1/Activation.js';
import type { BenchmarkRun__Output } from '../../generated/symface/v1/BenchmarkRun.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import type { Indexing__Output } from '../../generated/symface/v1/Indexing.js';
import type { KeyRotation__Output } from '../../generated/symface/v1/KeyRotation.js';
import { idIn } from '../enrolment-names.js';
import { jobKindWord, jobPhaseWord, jobStateWord, verdictWord } from '../jobs/job-words.js';
import { assessmentLines } from './assessment-report.js';
import { errorLine, errorReason } from './error-line.js';
import { nextStepLines } from './next-step.js';
import { shortTime } from './table.js';
import { trainingLines } from './training-job-report.js';

export const jobHeadings: readonly string[] = ['ID', 'KIND', 'STATE', 'MODEL', 'RESULT', 'BY', 'CREATED'];

/** One job as a row under {@link jobHeadings}. */
export function jobRow(job: Job__Output): readonly string[] {
  const [model, result] = [modelOf(job), resultOf(job)];
  const { actor, createTime } = job;
  return [idIn(job.name), jobKindWord(job), jobStateWord(job), model, result, actor, shortTime(createTime)];
}

/** Everything on one job, for people. */
export function jobLines(job: Job__Output): readonly string[] {
  const phase = jobPhaseWord(job);
  const state = verdictWord(job) || jobStateWord(job);
  return [
    `${idIn(job.name)}: ${state}${phase === '' ? '' : `, ${phase}`}`,
    ...workLines(job),
    ...nextStepLines(job),
    ...(job.error === null ? [] : [`  ${errorLine(job.error)}`]),
  ];
}

function workLines(job: Job__Output): readonly string[] {
  const { training, assessment, activation, benchmarkRun, keyRotation, indexing, actor } = job;
  if (training) return trainingLines(training, actor);
  if (assessment) return assessmentLines(assessment, actor);
  if (activation) return activationLines(activation, actor);
  if (keyRotation) return keyRotationLines(keyRotation, actor);
  if (indexing) return indexingLines(indexing, actor);
  return benchmarkRun ? benchmarkLines(benchmarkRun, actor) : [];
}

function activationLines(activation: Activation__Output, actor: string): readonly string[] {
  const { modelVersion, rollBack, faceCount, embeddedFaceCount, previousModelVersion } = activation;
  return [
    `  model     ${idIn(modelVersion)}${rollBack ? ', which served before' : ''}, asked for by ${actor}`,
    ...(faceCount === 0 ? [] : [`  faces     ${embeddedFaceCount} of ${faceCount} have a template`]),
    ...(previousModelVersion === '' ? [] : [`  before    ${idIn(previousModelVersion)}`]),
  ];
}

function benchmarkLines(run: BenchmarkRun__Output, actor: string): readonly string[] {
  const { name, dataset, modelVersion, detectorVersion, imageCount, finishedImageCount } = run;
  return [
    `  data set  ${idIn(dataset)}, asked for by ${actor}`,
    `  model     ${idIn(modelVersion)}, detector ${idIn(detectorVersion)}`,
    `  images    ${finishedImageCount} of ${imageCount}`,
    ...(name === '' ? [] : [`  report    symface benchmark show ${idIn(name)}`]),
  ];
}

function keyRotationLines(rotation: KeyRotation__Output, actor: string): readonly string[] {
  const { dataKey, valueCount, sealedValueCount, damagedValueCount } = rotation;
  const { waitingTrainingCount, destroyedDataKeys } = rotation;
  return [
    `  data key  ${dataKey}, asked for by ${actor}`,
    `  values    ${sealedValueCount} of ${valueCount} are sealed by it`,
    ...(damagedValueCount === 0 ? [] : [`  damaged   ${damagedValueCount}, which no key opens`]),
    ...(waitingTrainingCount === 0 ? [] : [`  waits     for ${waitingTrainingCount} trainings`]),
    ...(destroyedDataKeys.length === 0 ? [] : [`  destroyed ${destroyedDataKeys.join(', ')}`]),
  ];
}

function indexingLines(indexing: Indexing__Output, actor: string): readonly string[] {
  const { collection, remove, damagedTemplateCount } = indexing;
  return [
    `  ${remove ? 'removes' : 'makes'} the index of ${idIn(collection)}, asked for by ${actor}`,
    ...(damagedTemplateCount === 0
      ? []
      : [`  damaged   ${damagedTemplateCount} templates, which it has not`]),
  ];
}

/** What it is about. */
function modelOf({ training, assessment, activation, benchmarkRun }: Job__Output): string {
  if (training) return idIn(training.parentModelVersion);
  if (benchmarkRun) return idIn(benchmarkRun.modelVersion);
  return idIn((assessment ?? activation)?.modelVersion ?? '');
}

/** What came of it, in a word: a candidate, a verdict, or why it failed. */
function resultOf(job: Job__Output): string {
  const { error, training, activation, benchmarkRun, keyRotation, indexing } = job;
  if (error !== null) return errorReason(error);
  if (training) {
    const isNothing = training.result?.outcome === 'TRAINING_OUTCOME_NOTHING_TO_GAIN';
    return isNothing ? 'nothing to gain' : idIn(training.result?.modelVersion ?? '');
  }
  if (activation) return activation.rollBack ? 'roll-back' : '';
  if (benchmarkRun) return idIn(benchmarkRun.dataset);
  if (keyRotation) return `data key ${keyRotation.dataKey}`;
  if (indexing) return `${indexing.remove ? 'no index of' : 'index of'} ${idIn(indexing.collection)}`;
  return verdictWord(job);
}
