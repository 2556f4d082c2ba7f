/** Entry point of a thread that computes the figures of one benchmark: the bootstrap would hold the gateway up. */
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../../core/failure.js';
import { toRecord } from '../../../core/failure-record.js';
import { compareOutcomes } from '../../../core/protocols/compare-outcomes.js';
import { type MeasuredProtocol, verificationReport } from '../../../core/protocols/verification-report.js';
import type { StatisticsReply, StatisticsTask } from './statistics-task.js';

function report(protocol: MeasuredProtocol): ReturnType<typeof verificationReport> {
  try {
    return verificationReport(protocol);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('DATASET_INVALID', error.message, {}, [], { cause: error });
  }
}

function answer(task: StatisticsTask): StatisticsReply<unknown> {
  try {
    return {
      answer: task.type === 'report' ? report(task.protocol) : compareOutcomes(task.first, task.second),
    };
  } catch (error) {
    return { error: toRecord(error) };
  }
}

parentPort?.postMessage(answer(workerData as StatisticsTask));
