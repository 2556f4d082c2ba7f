import { distinctUntilChanged, exhaustMap, type Observable, takeWhile, timer } from 'rxjs';
import type { Job } from '../../generated/symface/v1/Job.js';

/** A worker tells its progress every few seconds. */
const lookEveryMs = 500;

/**
 * A job now and at every change, until it has ended. It is looked at again and again: its worker may be another process,
 * which tells the database only. Whoever unsubscribes, as a cancelled call does, ends that at once.
 */
export function watchedJob(read: () => Promise<Job>, everyMs = lookEveryMs): Observable<Job> {
  return timer(0, everyMs).pipe(
    // A look that takes longer is waited for.
    exhaustMap(read),
    distinctUntilChanged((before, now) => JSON.stringify(before) === JSON.stringify(now)),
    takeWhile(({ endTime }) => endTime === '', true),
  );
}
