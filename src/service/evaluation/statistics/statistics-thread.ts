/** Entry point of a thread that computes the figures of one benchmark: the bootstrap would hold the gateway up. */
import { parentPort, workerData } from 'node:worker_threads';
import { compareOutcomes } from '../../../core/protocols/compare-outcomes.js';
import { verificationReport } from '../../../core/protocols/verification-report.js';
import type { StatisticsTask } from './statistics-task.js';

const task = workerData as StatisticsTask;
parentPort?.postMessage(
  task.type === 'report' ? verificationReport(task.protocol) : compareOutcomes(task.first, task.second),
);
