import { distinctUntilChanged, exhaustMap, merge, type Observable, takeWhile, timer } from 'rxjs';
import type { Job } from '../../generated/symface/v1/Job.js';

/** A worker tells its progress every few seconds. */
const lookEveryMs = 500;

/**
 * A job now and at every change, until it has ended. It is looked at again and again: its worker may be another process,
 * which tells the database only. Whoever unsubscribes, as a cancelled call does, ends that at once.
 * @param closing fails when nobody can watch any more: its error ends this too
 */
export function watchedJob(
  read: () => Promise<Job>,
  closing: Observable<never>,
  everyMs = lookEveryMs,
): Observable<Job> {
  // A look that takes longer is waited for.
  const looks = timer(0, everyMs).pipe(exhaustMap(read));
  return merge(looks, closing).pipe(
    distinctUntilChanged((before, now) => JSON.stringify(before) === JSON.stringify(now)),
    takeWhile(({ endTime }) => endTime === '', true),
  );
}
