import type { PairOutcomes } from '../../domain/benchmark/pair-outcomes.js';
import type { MeasuredProtocol } from '../../domain/benchmark/verification-report.js';

/** What a thread is asked. */
export type StatisticsTask =
  | { readonly type: 'report'; readonly protocol: MeasuredProtocol }
  | { readonly type: 'compare'; readonly first: PairOutcomes; readonly second: PairOutcomes };
