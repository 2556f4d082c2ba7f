import { type CollapseWarning, collapseInEvaluation, collapseInSteps } from '../evaluation/collapse.js';
import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';
import type { StepProgress } from '../../learning/step/training-run.js';
import type { RunLog } from './run-log.js';
import { StepAverage } from './step-average.js';

/** Of so many steps that one without a symmetric face is no sign of a collapse. */
const stepsToLook = 10;

interface CollapseWatchParts {
  readonly log: Pick<RunLog, 'entries' | 'append'>;
  readonly onWarning: (text: string) => void;
  readonly batchesPerEpoch: number;
  /** Images of a batch. */
  readonly batchSize: number;
  readonly hasSplitFaces: boolean;
}

/** Looks for signs that a training pulls all embeddings together, and says each once, also where a run goes on. */
export class CollapseWatch {
  private readonly average = new StepAverage();

  constructor(private readonly parts: CollapseWatchParts) {}

  async afterStep(progress: StepProgress): Promise<void> {
    const { batchesPerEpoch, batchSize, hasSplitFaces } = this.parts;
    this.average.add(progress, progress.batchCount * batchSize);
    const { step } = progress.position;
    if (step % stepsToLook !== 0) return;
    const sinceLastLook = this.average.take(progress, batchesPerEpoch);
    await this.warn(step, collapseInSteps(sinceLastLook, hasSplitFaces));
  }

  async afterEvaluation(step: number, results: readonly EvaluationResult[]): Promise<void> {
    // Drawn weights tell nobody apart, and have not collapsed.
    if (step > 0) await this.warn(step, results.flatMap(collapseInEvaluation));
  }

  private async warn(step: number, warnings: readonly CollapseWarning[]): Promise<void> {
    const { log, onWarning } = this.parts;
    for (const warning of warnings) {
      const { sign, text } = warning;
      if (log.entries.some((entry) => entry.kind === 'warning' && entry.sign === sign)) continue;
      await log.append({ kind: 'warning', step, ...warning });
      onWarning(text);
    }
  }
}
