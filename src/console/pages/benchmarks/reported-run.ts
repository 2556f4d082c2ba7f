import type { VerificationReport } from '../../../core/protocols/verification-report.js';
import { idIn } from '../../format/names.js';
import type { BenchmarkRun } from '../../generated/symface/v1/benchmark_pb.js';

/** A run with its whole report. */
export interface ReportedRun {
  readonly run: BenchmarkRun;
  readonly report: VerificationReport;
}

/** Reads the report of a run; undefined where it has none. */
export function reportedRun(run: BenchmarkRun | undefined): ReportedRun | undefined {
  const json = run?.report?.reportJson ?? '';
  // The contract has the whole report as JSON of the service's own type.
  return run === undefined || json === ''
    ? undefined
    : { run, report: JSON.parse(json) as VerificationReport };
}

/** What tells runs apart: the models, unless some are of one; the data sets, where these differ; numbers, where nothing does. */
export function runNames(runs: readonly BenchmarkRun[]): readonly string[] {
  const sets = new Set(runs.map(({ dataset }) => dataset));
  const names = runs.map(({ modelVersion, dataset }) =>
    sets.size > 1 ? `${idIn(modelVersion)} on ${idIn(dataset)}` : idIn(modelVersion),
  );
  return names.map((name, index) => {
    const same = names.filter((other) => other === name).length;
    return same === 1
      ? name
      : `${name} (${names.slice(0, index + 1).filter((other) => other === name).length})`;
  });
}
