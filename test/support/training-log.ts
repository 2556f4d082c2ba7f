import type { LogEntry } from '../../src/training/runs/run-log.js';

export function logEntries(text: string): LogEntry[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogEntry);
}
