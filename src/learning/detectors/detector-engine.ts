import type { WeightArray, Weights } from '../../core/models/weights.js';
import { Failure } from '../../core/failure.js';
import { Tensor } from '../../onnx/onnx-runtime.js';
import { ArrayGarbage } from '../engines/array-garbage.js';
import { CompiledGradients, type StepResults } from '../engines/compiled-gradients.js';
import type { OrtEngineOptions } from '../engines/ort-engine-options.js';
import type { DecayGroup } from '../layers/layer.js';
import { adamStep, type AdamParameter } from '../step/host-adam.js';
import { gradientName } from '../step/step-definition.js';
import { CLIP_EPSILON } from '../step/sgd.js';
import type { TrainingState } from '../step/training-engine.js';
import { initialWeights } from '../weights/initial-weights.js';
import type { AnchorTargetArrays } from './anchor-targets.js';
import {
  arraysOfDetectorBatch,
  DETECTOR_FIGURES,
  detectorGradients,
  type DetectorGradientSpec,
} from './detector-gradients.js';

export interface DetectorTrainingSpec extends DetectorGradientSpec {
  /** λ of filters; everything else has none. */
  readonly weightDecay: number;
  /** Gradients of a larger Euclidean norm, all parameters together, are scaled down to it. */
  readonly gradientClipNorm: number;
  /** The share that the averaged weights keep of what they were, from step to step. */
  readonly averageDecay: number;
}

export interface DetectorBatch {
  /** [B, H, W, 3] RGB, (x - 127.5) / 128 */
  readonly images: Float32Array;
  readonly targets: AnchorTargetArrays;
}

/** What a step tells, all before its update. */
export interface DetectorStepReport {
  /** The weighted sum of those below */
  readonly loss: number;
  readonly classLoss: number;
  readonly boxLoss: number;
  readonly landmarkLoss: number;
  /** Euclidean norm of the gradient of all parameters, before clipping */
  readonly gradientNorm: number;
}

/** Names of a state's arrays: of the averaged weights among the weights, of Adam's mean squares among the velocities. */
const averageName = (name: string): string => `average/${name}`;
const squareName = (name: string): string => `square/${name}`;
/** Steps that were done, in a state. */
const STEPS = 'steps';
const DECAYED: DecayGroup = 'weights';

/** The state before the first step, as a checkpoint holds it. */
export function initialDetectorState({ network }: DetectorTrainingSpec, seed: number): TrainingState {
  const drawn = initialWeights(network, seed);
  const averages = Array.from(drawn, ([name, { shape, values }]): [string, WeightArray] => [
    averageName(name),
    { shape, values: values.slice() },
  ]);
  const zeros = (nameOf: (name: string) => string): [string, WeightArray][] =>
    network.parameters.map(({ name, shape }) => [
      nameOf(name),
      { shape, values: new Float32Array(drawn.get(name)?.values.length ?? 0) },
    ]);
  return {
    weights: new Map([...drawn, ...averages]),
    velocities: new Map([...zeros((name) => name), ...zeros(squareName)]),
    lossState: { [STEPS]: 0 },
  };
}

/** The averaged weights of a state, or of any arrays that hold them: what is measured and served. */
export function averagedWeights({ weights }: Pick<TrainingState, 'weights'>): Weights {
  const prefix = averageName('');
  return new Map(
    [...weights]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}

/** Trains a detector: compiled gradients, Adam and a running average of the weights on the host. */
export class DetectorEngine {
  private readonly garbage = new ArrayGarbage();
  private readonly tensors: Readonly<Record<string, Tensor>>;
  private readonly adam: readonly AdamParameter[];

  private constructor(
    private readonly spec: DetectorTrainingSpec,
    private readonly current: TrainingState,
    private readonly gradients: CompiledGradients,
  ) {
    const { network } = spec;
    const arrays = [...network.parameters, ...network.statistics];
    this.tensors = Object.fromEntries(
      arrays.map(({ name, shape }) => [name, new Tensor('float32', valuesOf(current.weights, name), shape)]),
    );
    this.adam = network.parameters.map(({ name, decayGroup, shape }) => ({
      values: valuesOf(current.weights, name),
      means: valuesOf(current.velocities, name),
      squares: valuesOf(current.velocities, squareName(name)),
      // A bias is a vector.
      decay: decayGroup === DECAYED && shape.length > 1 ? spec.weightDecay : 0,
    }));
  }

  /**
   * Compiles the gradients and takes over a state, as a copy.
   * @throws RangeError where the state is not the spec's; Failure MODEL_INVALID, OUT_OF_MEMORY
   */
  static async start(
    spec: DetectorTrainingSpec,
    state: TrainingState,
    options: OrtEngineOptions,
  ): Promise<DetectorEngine> {
    const gradients = await CompiledGradients.compile(
      `training-${spec.network.name}`,
      detectorGradients(spec),
      options,
    );
    return new DetectorEngine(spec, copyOf(state), gradients);
  }

  /**
   * One step of descent. Where a figure is not finite the state is what it was.
   * @throws Failure TRAINING_DIVERGED naming the figure; OUT_OF_MEMORY
   */
  async step(batch: DetectorBatch, learningRate: number): Promise<DetectorStepReport> {
    const results = await this.gradients.run(this.tensors, arraysOfDetectorBatch(batch));
    const gradients = this.spec.network.parameters.map(({ name }) => results(gradientName(name)));
    this.garbage.add(gradients.reduce((sum, { byteLength }) => sum + byteLength, 0));
    const report = reportOf(results, gradients);
    requireFinite(report);
    const step = (this.current.lossState[STEPS] ?? 0) + 1;
    const factor = Math.min(1, this.spec.gradientClipNorm / (report.gradientNorm + CLIP_EPSILON));
    adamStep(this.adam, gradients, { factor, step, learningRate });
    for (const { name } of this.spec.network.statistics)
      valuesOf(this.current.weights, name).set(results(name));
    Object.assign(this.current.lossState, { [STEPS]: step });
    this.average(step);
    return report;
  }

  /** Reads the state, as a copy. */
  state(): TrainingState {
    return copyOf(this.current);
  }

  async close(): Promise<void> {
    await this.gradients.release();
  }

  /** At the beginning the average keeps less, or it would remember what was drawn. */
  private average(step: number): void {
    const kept = Math.min(this.spec.averageDecay, (1 + step) / (10 + step));
    for (const [name, { values: averages }] of averagedWeights(this.current)) {
      const values = valuesOf(this.current.weights, name);
      for (let index = 0; index < averages.length; index++)
        averages[index] = kept * (averages[index] ?? 0) + (1 - kept) * (values[index] ?? 0);
    }
  }
}

function reportOf(results: StepResults, gradients: readonly Float32Array[]): DetectorStepReport {
  const [loss, classLoss, boxLoss, landmarkLoss] = DETECTOR_FIGURES.map((name) => results(name)[0]);
  const squares = gradients.reduce((sum, gradient) => sum + squaresOf(gradient), 0);
  return {
    loss: loss ?? Number.NaN,
    classLoss: classLoss ?? Number.NaN,
    boxLoss: boxLoss ?? Number.NaN,
    landmarkLoss: landmarkLoss ?? Number.NaN,
    gradientNorm: Math.sqrt(squares),
  };
}

function squaresOf(gradient: Float32Array): number {
  let squares = 0;
  for (const value of gradient) squares += value * value;
  return squares;
}

function requireFinite(report: DetectorStepReport): void {
  const diverged = Object.entries({ ...report }).find(([, value]) => !Number.isFinite(value));
  if (diverged === undefined) return;
  const [figure, value] = diverged;
  throw new Failure(
    'TRAINING_DIVERGED',
    `The ${figure} of a step is ${String(value)}. Its update was not applied; lower the learning rate.`,
    { figure },
  );
}

function valuesOf(weights: Weights, name: string): Float32Array {
  const array = weights.get(name);
  if (array === undefined) throw new RangeError(`the state of the training lacks ${name}`);
  return array.values;
}

function copyOf({ weights, velocities, lossState }: TrainingState): TrainingState {
  const copied = (arrays: Weights): Weights =>
    new Map(
      Array.from(arrays, ([name, { shape, values }]) => [name, { shape, values: values.slice() }] as const),
    );
  return { weights: copied(weights), velocities: copied(velocities), lossState: { ...lossState } };
}
