import type { Weights } from '../../core/models/weights.js';
import { Tensor } from '../../onnx/onnx-runtime.js';
import { HostSgd } from '../step/host-sgd.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { HEAD, isAccumulating, type TrainingSpec, trainedParametersOf } from '../step/training-spec.js';
import { arraysOfState, type StateArrays, stateOfArrays } from '../step/step-arrays.js';
import { changedStatistics, gradientName, type StepInput, velocityName } from '../step/step-definition.js';
import type { TrainingState } from '../step/training-engine.js';
import { trainingStep } from '../step/training-step.js';
import type { StepResults } from './compiled-gradients.js';
import { SampledHead } from './sampled-head.js';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * The state of a training whose gradients are compiled, in the host's memory. Weights and momentum are changed where they
 * are.
 */
export class HostState {
  /** The inputs of the whole step, of which a state consists. */
  private readonly inputs: readonly StepInput[];
  private readonly arrays: StateArrays;
  /** Names of those that are trained. */
  readonly parameters: readonly string[];
  /** Names of running statistics that a step changes. */
  readonly statistics: readonly string[];
  /** Sums up gradients, and knows their norm. */
  readonly sgd: HostSgd;
  /** What graphs read, by the names of their inputs: the same arrays for all steps. */
  readonly tensors: Tensors;
  private readonly head: SampledHead | undefined;

  /**
   * Copies the state.
   * @throws RangeError where the state does not fit the spec
   */
  constructor(
    private readonly spec: TrainingSpec,
    state: TrainingState,
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
    this.statistics = changedStatistics(spec);
    const classCount = spec.sampledClasses ?? spec.classCount;
    this.tensors = tensorsOf(changed, trainingStep({ ...spec, classCount }).inputs);
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

  /** @returns the gradients of a batch, one for each parameter that is trained */
  gradientsIn(results: StepResults): readonly Float32Array[] {
    return this.parameters.map((name) => results(gradientName(name)));
  }

  /** Zeros in the place of the gradients of a process that has no batch. */
  noGradients(): readonly Float32Array[] {
    return this.parameters.map((name) => this.noGradient(name));
  }

  noGradient(parameter: string): Float32Array {
    return new Float32Array(this.tensors[parameter]?.size ?? 0);
  }

  /** A copy of one of the state's arrays. */
  copyOf(name: string): Float32Array {
    return this.arrays.get(name)?.slice() ?? new Float32Array();
  }

  /** @returns the running statistics that a batch came to, in the order of {@link statistics} */
  statisticsIn(results: StepResults): readonly Float32Array[] {
    return this.statistics.map((name) => results(name));
  }

  /** Those for a sum over processes: zeros where a process has no batch. */
  statisticsOf(results: StepResults | undefined): readonly Float32Array[] {
    if (results !== undefined) return this.statisticsIn(results);
    return this.statistics.map((name) => new Float32Array(this.arrays.get(name)?.length ?? 0));
  }

  /** Takes over running statistics. */
  takeStatistics(values: readonly Float32Array[]): void {
    for (const [index, name] of this.statistics.entries()) this.arrays.get(name)?.set(values[index] ?? []);
  }

  /** Takes a step of descent with what was summed up and the gradients of the last batch. */
  descend(
    gradients: readonly Float32Array[],
    { batchCount, norm }: { readonly batchCount: number; readonly norm: number },
    learningRate: number,
  ): void {
    this.sgd.sgdStep(gradients, 1 / batchCount, norm, learningRate);
    this.putClassesBack();
  }

  /** Puts class weights that a step has changed among those of all classes, where a step is computed on some. */
  putClassesBack(): void {
    this.head?.putBack();
  }

  /** Copies of the backbone's parameters and statistics. */
  backboneWeights(): Weights {
    const { parameters, statistics } = this.spec.backbone;
    return new Map(
      [...parameters, ...statistics].map(({ name, shape }) => [name, { shape, values: this.copyOf(name) }]),
    );
  }

  /** A copy, with what is summed up in the middle of a step. */
  state(): TrainingState {
    return stateOfArrays(this.arrays, this.spec, this.inputs);
  }

  /** A copy without it. */
  stateBetweenSteps(): TrainingState {
    const { weights, velocities, lossState } = this.state();
    return { weights, velocities, lossState };
  }

  /** All arrays of the state, in an order that is the same for every process; they may be written to. */
  get all(): readonly Float32Array[] {
    return [...this.arrays.values()];
  }

  /** The same arrays, class weights and their momentum by name apart from the others. */
  get parts(): {
    readonly head: readonly (readonly [string, Float32Array])[];
    readonly others: readonly Float32Array[];
  } {
    const names = new Set([HEAD, velocityName(HEAD)]);
    const sums = gradientName(HEAD);
    return {
      head: [...this.arrays].filter(([name]) => names.has(name)),
      others: [...this.arrays].flatMap(([name, values]) =>
        names.has(name) || name === sums ? [] : [values],
      ),
    };
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
