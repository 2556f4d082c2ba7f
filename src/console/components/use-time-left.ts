import { useRef } from 'preact/hooks';
import { durationText } from '../format/durations.js';
import type { JobProgress } from '../format/job-words.js';
import { type Standing, timeLeftMs } from '../format/time-left.js';

/** "0 s left" of what goes on tells nobody anything. */
const leastToldMs = 1_000;

interface Seen extends Standing {
  readonly phase: string;
}

/** How long what a job does now will go on, by the service or by what was seen of it: "about 2 min 5 s left"; else empty. */
export function useTimeLeft({ phase, done, total, remainingMs }: JobProgress): string {
  const first = useRef<Seen | undefined>(undefined);
  const now = { phase, done, atMs: Date.now() };
  // Another phase has another pace, and so has another attempt.
  if (first.current?.phase !== phase || first.current.done > done) first.current = now;
  const leftMs = remainingMs ?? timeLeftMs(first.current, now, total);
  return leftMs === undefined || leftMs < leastToldMs ? '' : `about ${durationText(leftMs)} left`;
}
