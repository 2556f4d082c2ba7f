/** Entry point of a thread that computes the figures of one benchmark: the bootstrap would hold the gateway up. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerTask } from './answer-task.js';
import type { StatisticsTask } from './statistics-task.js';

parentPort?.postMessage(answerTask(workerData as StatisticsTask));
