import type { FailureRecord } from '../../../core/failure-record.js';
import type { SubjectFace } from '../../../core/protocols/calibration/subject-calibration.js';
import type { PairScores } from '../../../core/protocols/pair-scores.js';
import type { MeasuredProtocol } from '../../../core/protocols/verification-report.js';

/** What a thread is asked. */
export type StatisticsTask =
  | { readonly type: 'report'; readonly protocol: MeasuredProtocol }
  | { readonly type: 'compare'; readonly first: PairScores; readonly second: PairScores }
  | { readonly type: 'calibrate'; readonly faces: readonly SubjectFace[] };

/** What it answers, or what it threw. */
export type StatisticsReply<Answer> = { readonly answer: Answer } | { readonly error: FailureRecord };
