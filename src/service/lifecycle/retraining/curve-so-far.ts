import type { LogEntry, StepEntry } from '../../../training/runs/run-log.js';
import { figuresOf } from './held-out-metrics.js';
import type { CurvePoint, HeldOutPoint, TrainingCurve } from './training-job.js';

/** More tell a person nothing, and the job's row is written every few seconds. */
const mostPoints = 240;

/** The curve of a training while it goes on, from the entries of its log. */
export class CurveSoFar {
  private points: readonly CurvePoint[] = [];
  private heldOut: readonly HeldOutPoint[] = [];
  /** How many entries a point is the mean of; points of a long training are of more. */
  private entriesOfPoint = 1;
  private entries: readonly CurvePoint[] = [];

  get curve(): TrainingCurve {
    return { points: this.points, heldOut: this.heldOut };
  }

  /** @returns whether the curve has changed */
  add(entry: LogEntry): boolean {
    if (entry.kind === 'evaluation') {
      const heldOut = [...this.heldOut, { step: entry.step, ...figuresOf(entry) }];
      // The first is the parent's, and the last what came out last.
      this.heldOut =
        heldOut.length > mostPoints
          ? heldOut.filter((_, index) => index % 2 === 0 || index === heldOut.length - 1)
          : heldOut;
      return true;
    }
    if (entry.kind !== 'steps') return false;
    this.entries = [...this.entries, pointOf(entry)];
    if (this.entries.length < this.entriesOfPoint) return false;
    this.points = [...this.points, meanOf(this.entries)];
    this.entries = [];
    if (this.points.length >= mostPoints) this.thin();
    return true;
  }

  /** Makes one point of two. */
  private thin(): void {
    const { points } = this;
    this.points = points.flatMap((point, index) => {
      const before = points[index - 1];
      return index % 2 === 0 || before === undefined ? [] : [meanOf([before, point])];
    });
    this.entriesOfPoint *= 2;
  }
}

function pointOf({ distillationLoss = 0, ...entry }: StepEntry): CurvePoint {
  const { step, learningRate, loss, faceLoss, symmetryLoss } = entry;
  return { step, learningRate, loss, faceLoss, symmetryLoss, distillationLoss };
}

/** At the last one's step. @param points of equally many steps */
function meanOf(points: readonly CurvePoint[]): CurvePoint {
  const mean = (of: (point: CurvePoint) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  return {
    step: points.at(-1)?.step ?? 0,
    learningRate: mean(({ learningRate }) => learningRate),
    loss: mean(({ loss }) => loss),
    faceLoss: mean(({ faceLoss }) => faceLoss),
    symmetryLoss: mean(({ symmetryLoss }) => symmetryLoss),
    distillationLoss: mean(({ distillationLoss }) => distillationLoss),
  };
}
