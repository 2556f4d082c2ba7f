import type { EvaluationEntry, LogEntry } from '../../src/training/runs/run-log.js';

export function logEntries(text: string): LogEntry[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogEntry);
}

/** The first of the best after the start. */
export function bestEvaluation(log: readonly LogEntry[]): EvaluationEntry {
  return log
    .filter((entry): entry is EvaluationEntry => entry.kind === 'evaluation' && entry.step > 0)
    .reduce((best, entry) => (entry.areaUnderCurve > best.areaUnderCurve ? entry : best));
}
