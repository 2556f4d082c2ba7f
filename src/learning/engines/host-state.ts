import { Tensor } from '../../onnx/onnx-runtime.js';
import { HostSgd } from '../step/host-sgd.js';
import { type TrainingSpec, trainedParametersOf } from '../step/training-spec.js';
import { arraysOfState, type StateArrays, stateOfArrays } from '../step/step-arrays.js';
import { gradientName, type StepInput, type TrainingStep, velocityName } from '../step/step-definition.js';
import type { Accumulation, TrainingState } from '../step/training-engine.js';
import { trainingStep } from '../step/training-step.js';
import type { StepResults } from './compiled-gradients.js';

/** What a process adds to a step that several take together. */
export interface StepContribution {
  /** The sums over its batches, one for each parameter */
  readonly gradients: readonly Float32Array[];
  /** The running statistics that it has come to; zeros where it had no batch */
  readonly statistics: readonly Float32Array[];
}

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * The state of a training whose gradients are compiled, in the host's memory. Weights and momentum are changed where they
 * are.
 */
export class HostState {
  /** The inputs of the whole step, of which a state consists. */
  private readonly inputs: readonly StepInput[];
  private readonly arrays: StateArrays;
  /** Those that are trained. */
  private readonly parameters: readonly string[];
  private readonly statistics: readonly string[];
  private readonly sgd: HostSgd;
  /** What the graph reads, by the names of its inputs: the same for all steps. */
  readonly tensors: Tensors;

  /**
   * Copies the state.
   * @param step the gradients' that is compiled
   * @throws RangeError where the state does not fit the spec
   */
  constructor(
    private readonly spec: TrainingSpec,
    state: TrainingState,
    private readonly step: TrainingStep,
  ) {
    this.inputs = trainingStep(spec).inputs;
    const given = arraysOfState(state, this.inputs);
    this.arrays = new Map(Array.from(given, ([name, values]) => [name, values.slice()]));
    this.sgd = new HostSgd(sgdParameters(spec, this.arrays), spec.sgd);
    this.parameters = trainedParametersOf(spec).map(({ name }) => name);
    this.statistics = step.outputs.slice(step.figures.length + this.parameters.length);
    this.tensors = tensorsOf(this.arrays, step.inputs);
  }

  /** Bytes of all gradients of a step. */
  get gradientBytes(): number {
    return this.parameters.reduce((sum, name) => sum + (this.arrays.get(name)?.byteLength ?? 0), 0);
  }

  /** @returns figures of the step in their order, then the mean gradient's norm; nothing is changed */
  figures(results: StepResults, { batchCount }: Accumulation): readonly number[] {
    return [...this.told(results), this.sgd.norm(this.gradientsIn(results), 1 / batchCount)];
  }

  /** @returns figures of a batch in their order, without the gradient's norm */
  told(results: StepResults): readonly number[] {
    return this.step.figures.map((name) => results(name)[0] ?? Number.NaN);
  }

  /** Takes over what a run came to. @param norm the last of {@link figures} */
  advance(
    results: StepResults,
    norm: number,
    learningRate: number,
    { batchCount, isLast }: Accumulation,
  ): void {
    const gradients = this.gradientsIn(results);
    if (isLast) this.sgd.sgdStep(gradients, 1 / batchCount, norm, learningRate);
    else this.sgd.accumulate(gradients);
    this.takeStatistics(results);
  }

  /**
   * What this process has to add to a step that several take together.
   * @param results of its last batch of the step; undefined where it has none, and adds nothing
   */
  contribution(results: StepResults | undefined): StepContribution {
    const gradients =
      results === undefined
        ? this.parameters.map((name) => new Float32Array(this.arrays.get(name)?.length ?? 0))
        : this.gradientsIn(results);
    if (results === undefined)
      return { gradients, statistics: this.statisticArrays.map((each) => new Float32Array(each.length)) };
    this.sgd.takeSums(gradients);
    this.takeStatistics(results);
    return { gradients, statistics: this.statisticArrays.map((each) => each.slice()) };
  }

  /** The norm of the mean gradient of a step that several processes take together. */
  norm(gradients: readonly Float32Array[], batchCount: number): number {
    return this.sgd.norm(gradients, 1 / batchCount);
  }

  /**
   * Takes a step that several processes take together.
   * @param total their contributions, added up @param contributors how many had batches
   * @param norm as {@link HostState.norm} tells it
   */
  advanceTogether(
    { gradients, statistics }: StepContribution,
    {
      batchCount,
      contributors,
      norm,
    }: { readonly batchCount: number; readonly contributors: number; readonly norm: number },
    learningRate: number,
  ): void {
    this.sgd.sgdStep(gradients, 1 / batchCount, norm, learningRate);
    for (const [index, array] of this.statisticArrays.entries())
      array.set(statistics[index]?.map((sum) => sum / contributors) ?? array);
  }

  state(): TrainingState {
    return stateOfArrays(this.arrays, this.spec, this.inputs);
  }

  /** All arrays of the state, in an order that is the same for every process; they may be written to. */
  get all(): readonly Float32Array[] {
    return [...this.arrays.values()];
  }

  private get statisticArrays(): readonly Float32Array[] {
    return this.statistics.flatMap((name) => this.arrays.get(name) ?? []);
  }

  private takeStatistics(results: StepResults): void {
    for (const name of this.statistics) this.arrays.get(name)?.set(results(name));
  }

  private gradientsIn(results: StepResults): readonly Float32Array[] {
    return this.parameters.map((name) => results(gradientName(name)));
  }
}

function tensorsOf(arrays: StateArrays, inputs: readonly StepInput[]): Tensors {
  const tensors = inputs.flatMap(({ name, shape }): [string, Tensor][] => {
    const values = arrays.get(name);
    return values === undefined ? [] : [[name, new Tensor('float32', values, shape)]];
  });
  return Object.fromEntries(tensors);
}

function sgdParameters(spec: TrainingSpec, arrays: StateArrays) {
  const { weightDecay } = spec.sgd;
  return trainedParametersOf(spec).map(({ name, decayGroup }) => {
    const [values, velocities] = [arrays.get(name), arrays.get(velocityName(name))];
    if (values === undefined || velocities === undefined)
      throw new RangeError(`the state of the training lacks ${name}`);
    const sums = arrays.get(gradientName(name));
    return { values, velocities, decay: weightDecay[decayGroup], ...(sums === undefined ? {} : { sums }) };
  });
}
