import type { Weights } from '../../core/models/weights.js';

/** The conditions on which a run ends before its last epoch. */
export interface EarlyStoppingOptions {
  /** Evaluations in a row without a better figure that end the run; 1 or more. */
  readonly patience: number;
  /** The rise from which on the figure counts as better; a smaller gain counts as chance. */
  readonly minimumImprovement: number;
}

/** A step that was evaluated, and the network as it was then. */
export interface EvaluatedStep {
  readonly step: number;
  /** The larger the better. */
  readonly figure: number;
  /** The arrays of the backbone: nothing goes on from here, so it takes no head and no momentum. */
  readonly weights: Weights;
}

/** What the evaluations of a run came to; part of a checkpoint, so that a run that goes on ends where it would have. */
export interface EvaluationHistory {
  readonly best: EvaluatedStep;
  /** The last one that was evaluated. */
  readonly lastStep: number;
  /** Evaluations after the best one. */
  readonly evaluationsSince: number;
}

/** Remembers the best of a run's evaluations, and says when it no longer gets better. */
export class EarlyStopping {
  /** @param known of the checkpoint that the run goes on from */
  constructor(
    private readonly options: EarlyStoppingOptions,
    private known?: EvaluationHistory,
  ) {}

  get history(): EvaluationHistory | undefined {
    return this.known;
  }

  get isOver(): boolean {
    return this.known !== undefined && this.known.evaluationsSince >= this.options.patience;
  }

  /**
   * Takes an evaluation into account; one of a step that was evaluated already is passed over.
   * @param evaluated its weights are kept where it is the best so far
   */
  add(evaluated: EvaluatedStep): void {
    const { step, figure } = evaluated;
    const before = this.known;
    if (before !== undefined && step <= before.lastStep) return;
    const isBetter = before === undefined || figure > before.best.figure + this.options.minimumImprovement;
    this.known = isBetter
      ? { best: evaluated, lastStep: step, evaluationsSince: 0 }
      : { ...before, lastStep: step, evaluationsSince: before.evaluationsSince + 1 };
  }
}
