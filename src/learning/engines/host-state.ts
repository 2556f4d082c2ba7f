import { Tensor } from '../../onnx/onnx-runtime.js';
import { HostSgd } from '../step/host-sgd.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { HEAD, isAccumulating, type TrainingSpec, trainedParametersOf } from '../step/training-spec.js';
import { arraysOfState, type StateArrays, stateOfArrays } from '../step/step-arrays.js';
import { gradientName, type StepInput, type TrainingStep, velocityName } from '../step/step-definition.js';
import type { Accumulation, TrainingState } from '../step/training-engine.js';
import { trainingStep } from '../step/training-step.js';
import type { StepResults } from './compiled-gradients.js';
import { SampledHead } from './sampled-head.js';

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
  /** What the graph reads, by the names of its inputs: the same arrays for all steps. */
  readonly tensors: Tensors;
  private readonly head: SampledHead | undefined;

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
    // The sums of a sampled head's gradients are of its own columns.
    const kept = [...given].filter(
      ([name]) => !(spec.sampledClasses !== undefined && name === gradientName(HEAD)),
    );
    this.arrays = new Map(kept.map(([name, values]) => [name, values.slice()]));
    this.head = sampledHeadOf(spec, this.arrays);
    const changed = new Map([...this.arrays, ...(this.head === undefined ? [] : ownArrays(this.head, spec))]);
    this.sgd = new HostSgd(sgdParameters(spec, changed), spec.sgd);
    this.parameters = trainedParametersOf(spec).map(({ name }) => name);
    this.statistics = step.outputs.slice(step.figures.length + this.parameters.length);
    this.tensors = tensorsOf(changed, step.inputs);
  }

  /** Bytes of all gradients of a step. */
  get gradientBytes(): number {
    const numbers = this.parameters.reduce((sum, name) => sum + (this.tensors[name]?.size ?? 0), 0);
    return numbers * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Takes the class weights that a step is computed on. @throws RangeError where a batch does not say which */
  takeClasses({ classes }: Pick<TrainingBatch, 'classes'>): void {
    if (this.head === undefined) return;
    if (classes === undefined) throw new RangeError('the batch does not say which classes it is computed on');
    this.head.take(classes);
  }

  /** [S] the classes that were taken last; undefined where a step is computed on all. */
  get classes(): Int32Array | undefined {
    return this.head?.classes;
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
    if (isLast) this.descend(gradients, { batchCount, norm }, learningRate);
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
        ? this.parameters.map((name) => new Float32Array(this.tensors[name]?.size ?? 0))
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
    this.descend(gradients, { batchCount, norm }, learningRate);
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

  private descend(
    gradients: readonly Float32Array[],
    { batchCount, norm }: { readonly batchCount: number; readonly norm: number },
    learningRate: number,
  ): void {
    this.sgd.sgdStep(gradients, 1 / batchCount, norm, learningRate);
    this.head?.putBack();
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

function sampledHeadOf(
  { backbone, faceLoss, sampledClasses }: TrainingSpec,
  arrays: StateArrays,
): SampledHead | undefined {
  const [weights, velocities] = [arrays.get(HEAD), arrays.get(velocityName(HEAD))];
  if (faceLoss === undefined || sampledClasses === undefined) return undefined;
  if (weights === undefined || velocities === undefined)
    throw new RangeError('the state of the training has no class weights');
  return new SampledHead({ weights, velocities }, backbone.embeddingSize, sampledClasses);
}

/** The arrays of a sampled head in place of those of all classes. */
function ownArrays(
  { weights, velocities }: SampledHead,
  spec: TrainingSpec,
): readonly (readonly [string, Float32Array])[] {
  const sums = isAccumulating(spec) ? [[gradientName(HEAD), new Float32Array(weights.length)] as const] : [];
  return [[HEAD, weights], [velocityName(HEAD), velocities], ...sums];
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
