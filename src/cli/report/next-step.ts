import type { Assessment__Output } from '../../generated/symface/v1/Assessment.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import type { Training__Output } from '../../generated/symface/v1/Training.js';
import { verdictWord } from '../jobs/job-words.js';
import { idIn } from '../enrolment-names.js';

/** What to type after a training or an assessment that has ended, or why there is nothing to do; empty of other jobs. */
export function nextStepLines(job: Job__Output): readonly string[] {
  const { training, assessment } = job;
  const step = training ? afterTraining(training) : assessment ? afterAssessment(job, assessment) : [];
  return step.map((line, index) => `  ${index === 0 ? 'next      ' : '          '}${line}`);
}

function afterTraining({ result, parentModelVersion }: Training__Output): readonly string[] {
  if (result === null) return [];
  const parent = idIn(parentModelVersion);
  if (result.outcome === 'TRAINING_OUTCOME_NOTHING_TO_GAIN') {
    return [
      `nothing to do: ${parent} verifies the persons held out as well as anything on the way to the trained weights,`,
      'as far as they can tell. Once more of them are enrolled: symface retrain',
    ];
  }
  if (result.assessment === '') return ['nothing to do: it is the model that serves'];
  return [`its assessment: symface jobs watch ${idIn(result.assessment)}`];
}

function afterAssessment(
  job: Job__Output,
  { modelVersion, baselineModelVersion, report, activation }: Assessment__Output,
): readonly string[] {
  const candidate = idIn(modelVersion);
  switch (verdictWord(job)) {
    case 'passed':
      return activation === ''
        ? [`Serve it with: symface models activate ${candidate}`]
        : [`its activation: symface jobs watch ${idIn(activation)}`];
    case 'rejected': {
      const failed = report?.checks.filter(({ passed }) => !passed).map(({ check }) => check) ?? [];
      if (failed.every((check) => check === 'calibration')) {
        return [
          `it has no threshold. Give it one: symface calibrate --folder <folder> --model ${candidate}`,
          `then: symface models assess ${candidate}`,
        ];
      }
      return [
        `nothing need be done: ${idIn(baselineModelVersion)} is not replaced. All the same:`,
        `symface models activate ${candidate} --unassessed`,
      ];
    }
    default:
      return [];
  }
}
