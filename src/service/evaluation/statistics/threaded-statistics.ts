import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fromRecord } from '../../../core/failure-record.js';
import type { VerificationStatistics } from './verification-statistics.js';
import type { SubjectFace } from '../../../core/protocols/calibration/subject-calibration.js';
import type { PairScores } from '../../../core/protocols/pair-scores.js';
import type { MeasuredProtocol } from '../../../core/protocols/verification-report.js';
import type { StatisticsReply, StatisticsTask } from './statistics-task.js';

const entryPoint = fileURLToPath(new URL('./statistics-thread.js', import.meta.url));

/** Computes each task in a thread of its own: tasks are rare, and take seconds. */
export class ThreadedStatistics implements VerificationStatistics {
  async report(protocol: MeasuredProtocol): ReturnType<VerificationStatistics['report']> {
    return inThread({ type: 'report', protocol });
  }

  async compare(first: PairScores, second: PairScores): ReturnType<VerificationStatistics['compare']> {
    return inThread({ type: 'compare', first, second });
  }

  async calibrate(faces: readonly SubjectFace[]): ReturnType<VerificationStatistics['calibrate']> {
    return inThread({ type: 'calibrate', faces });
  }
}

/** @throws what the task threw */
async function inThread<Answer>(task: StatisticsTask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(entryPoint, { workerData: task });
    thread.once('message', (reply: StatisticsReply<Answer>) => {
      if ('error' in reply) reject(fromRecord(reply.error));
      else resolve(reply.answer);
    });
    thread.once('error', reject);
    thread.once('exit', (exitCode) => {
      // Settled already, but for a thread that ended without a word.
      reject(new Error(`the statistics thread ended with ${exitCode} and gave no answer`));
    });
  });
}
