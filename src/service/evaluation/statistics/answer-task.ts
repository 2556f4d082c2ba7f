import { Failure } from '../../../core/failure.js';
import { toRecord } from '../../../core/failure-record.js';
import { calibrateBySubjects } from '../../../core/protocols/calibration/subject-calibration.js';
import { comparePairScores } from '../../../core/protocols/compare-pair-scores.js';
import { type MeasuredProtocol, verificationReport } from '../../../core/protocols/verification-report.js';
import type { StatisticsReply, StatisticsTask } from './statistics-task.js';

/** Does a task, and says what it threw: of figures that the data do not give, Failure DATASET_INVALID. */
export function answerTask(task: StatisticsTask): StatisticsReply<unknown> {
  try {
    return { answer: answerOf(task) };
  } catch (error) {
    return { error: toRecord(error) };
  }
}

function answerOf(task: StatisticsTask): unknown {
  switch (task.type) {
    case 'report':
      return report(task.protocol);
    case 'compare':
      return comparePairScores(task.first, task.second);
    case 'calibrate':
      return calibrateBySubjects(task.faces);
  }
}

function report(protocol: MeasuredProtocol): ReturnType<typeof verificationReport> {
  try {
    return verificationReport(protocol);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('DATASET_INVALID', error.message, {}, [], { cause: error });
  }
}
