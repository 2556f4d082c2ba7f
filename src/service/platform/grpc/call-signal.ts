import type { Deadline, Metadata } from '@grpc/grpc-js';
import type { CallControl } from '../../../inference/analyser/face-analysis.js';
import { Failure } from '../../../core/failure.js';
import { originOf } from './call-origin.js';

/** What {@link withCallControl} needs of a gRPC call, unary or streaming. */
export interface AnyCall {
  readonly cancelled: boolean;
  readonly metadata: Metadata;
  getDeadline(): Deadline;
  on(event: 'cancelled', listener: () => void): unknown;
  off(event: 'cancelled', listener: () => void): unknown;
}

/**
 * Runs work for whoever made the call, under a control that fires when the client cancels or its deadline passes.
 * @param defaultDeadlineMs for calls that bring no deadline, so that none waits for ever
 */
export async function withCallControl<T>(
  call: AnyCall,
  defaultDeadlineMs: number,
  work: (control: CallControl) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onCancelled = (): void => {
    controller.abort(new Failure('CANCELLED', 'The client cancelled the call.'));
  };
  if (call.cancelled) onCancelled();
  call.on('cancelled', onCancelled);
  const timer = setTimeout(
    () => {
      controller.abort(new Failure('DEADLINE_EXCEEDED', 'The deadline passed before the work was done.'));
    },
    remainingMs(call.getDeadline(), defaultDeadlineMs),
  );
  try {
    return await work({ ...originOf(call.metadata), signal: controller.signal });
  } finally {
    clearTimeout(timer);
    call.off('cancelled', onCancelled);
  }
}

const longestTimerMs = 2 ** 31 - 1;

function remainingMs(deadline: Deadline, defaultDeadlineMs: number): number {
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline;
  if (!Number.isFinite(atMs)) return defaultDeadlineMs;
  return Math.min(Math.max(0, atMs - Date.now()), longestTimerMs);
}
