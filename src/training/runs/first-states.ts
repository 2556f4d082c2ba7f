import type { Weights } from '../../core/models/weights.js';
import { initialState } from '../../learning/step/initial-state.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import type { TrainingPosition } from '../../learning/step/training-run.js';
import { headInitialisation, type TrainingConfiguration } from '../configuration/training-configuration.js';
import { type ClassMeanDependencies, withClassMeanHead } from '../data/class-mean-head.js';

/** What a run's first state is made of. */
export interface FirstStateParts {
  readonly configuration: TrainingConfiguration;
  /** The network and its data, for class means. */
  readonly head: ClassMeanDependencies;
  /** What the network starts from; undefined where its weights are drawn. */
  readonly weights: Weights | undefined;
  /** Of several processes the others take over the first one's state. */
  readonly isFirst: boolean;
  /** Where the run goes on; undefined where it begins. */
  readonly resumed: TrainingPosition | undefined;
}

/** The states that a run begins with. */
export class FirstStates {
  private searched: TrainingState | undefined;

  /** @param resumedState where the run goes on; undefined also in processes that take it over */
  constructor(
    private readonly parts: FirstStateParts,
    private resumedState: TrainingState | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Where the engine begins. */
  async first(): Promise<TrainingState> {
    const { resumed, configuration } = this.parts;
    const state = this.resumedState ?? (resumed === undefined ? await this.drawnWithHead() : this.drawn());
    // The search for a learning rate starts there once more.
    if (resumed === undefined && configuration.learningRate.initial === 'auto') this.searched = state;
    // The engine copies it, and with many classes it has gigabytes.
    this.resumedState = undefined;
    return state;
  }

  /** Before the first step. */
  async start(): Promise<TrainingState> {
    return this.searched ?? this.drawnWithHead();
  }

  private async drawnWithHead(): Promise<TrainingState> {
    const { isFirst, configuration, head } = this.parts;
    if (!isFirst || headInitialisation(configuration) !== 'class-means') return this.drawn();
    return withClassMeanHead(this.drawn(), head, this.signal);
  }

  private drawn(): TrainingState {
    const { head, configuration, weights } = this.parts;
    return initialState(head.spec, configuration.seed, weights);
  }
}
