import type { FailureRecord } from '../../../core/failure-record.js';
import type { PairOutcomes } from '../../../core/protocols/pair-outcomes.js';
import type { MeasuredProtocol } from '../../../core/protocols/verification-report.js';

/** What a thread is asked. */
export type StatisticsTask =
  | { readonly type: 'report'; readonly protocol: MeasuredProtocol }
  | { readonly type: 'compare'; readonly first: PairOutcomes; readonly second: PairOutcomes };

/** What it answers, or what it threw. */
export type StatisticsReply<Answer> = { readonly answer: Answer } | { readonly error: FailureRecord };
