import type { DetectorStepReport } from '../../learning/detectors/detector-engine.js';
import type { DetectorMeasures } from './measure-detector.js';

/** Means over the steps since the entry before it. */
export interface DetectorStepEntry extends DetectorStepReport {
  readonly kind: 'steps';
  /** Steps that are done */
  readonly step: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Share of the time in which the engine waited for data. */
  readonly waitedShare: number;
}

export interface DetectorEvaluationEntry extends DetectorMeasures {
  readonly kind: 'evaluation';
  readonly step: number;
}

export type DetectorLogEntry = DetectorStepEntry | DetectorEvaluationEntry;
