import type { DetectorStepReport } from '../../learning/detectors/detector-engine.js';
import type { DetectorStepEntry } from './detector-log.js';

/** Figures of the steps since the log's last entry. */
export class DetectorStepMeans {
  private reports: DetectorStepReport[] = [];
  private waitedMs = 0;
  private computedMs = 0;

  add(
    report: DetectorStepReport,
    { waitedMs, computedMs }: { readonly waitedMs: number; readonly computedMs: number },
  ): void {
    this.reports.push(report);
    this.waitedMs += waitedMs;
    this.computedMs += computedMs;
  }

  take(step: number, learningRate: number, batchSize: number): DetectorStepEntry {
    const { reports, waitedMs, computedMs } = this;
    const mean = (of: (report: DetectorStepReport) => number): number =>
      reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
    this.reports = [];
    [this.waitedMs, this.computedMs] = [0, 0];
    return {
      kind: 'steps',
      step,
      learningRate,
      loss: mean(({ loss }) => loss),
      classLoss: mean(({ classLoss }) => classLoss),
      boxLoss: mean(({ boxLoss }) => boxLoss),
      landmarkLoss: mean(({ landmarkLoss }) => landmarkLoss),
      gradientNorm: mean(({ gradientNorm }) => gradientNorm),
      imagesPerSecond: (reports.length * batchSize * 1000) / (waitedMs + computedMs),
      waitedShare: waitedMs / (waitedMs + computedMs),
    };
  }
}
