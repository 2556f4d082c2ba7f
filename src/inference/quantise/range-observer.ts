import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { Failure } from '../../core/failure.js';
import type { ValueRange } from './affine-quantisation.js';
import { type GraphPlan, valuesToObserve } from './graph-plan.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import type { ValueRanges } from './quantise-graph.js';

/** A batch as the graph takes it. */
export interface RangeBatch {
  readonly data: Float32Array;
  /** [n, …] */
  readonly dimensions: readonly number[];
}

/** Runs a folded graph in floats and notes the numbers that its values take. */
export class RangeObserver {
  private readonly ranges = new Map<string, ValueRange>();

  private constructor(
    private readonly session: InferenceSession,
    private readonly values: readonly string[],
  ) {}

  /** Images of a batch that the graph takes; undefined where it takes any number. */
  get fixedBatch(): number | undefined {
    const [input] = this.session.inputMetadata;
    const [batch] = input?.isTensor === true ? input.shape : [];
    return typeof batch === 'number' && batch > 0 ? batch : undefined;
  }

  static async start(plan: GraphPlan, intraOpThreads: number): Promise<RangeObserver> {
    const values = valuesToObserve(plan);
    const { irVersion, operatorSets, graph } = plan.model;
    const known = new Set([...graph.outputs, ...graph.inputs].map(({ name }) => name));
    // The runtime finds their types and shapes.
    const extra = values.filter((value) => !known.has(value)).map((name) => ({ name }));
    const watched = { ...graph, outputs: [...graph.outputs, ...extra] };
    const session = await InferenceSession.create(writeOnnx({ irVersion, operatorSets, graph: watched }), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
      intraOpNumThreads: intraOpThreads,
    });
    return new RangeObserver(session, values);
  }

  /** @throws Failure MODEL_INVALID where a value is not finite */
  async add({ data, dimensions }: RangeBatch): Promise<void> {
    const [input = ''] = this.session.inputNames;
    const feed = new Tensor('float32', data, dimensions);
    const results = await this.session.run({ [input]: feed });
    for (const value of this.values) {
      const numbers = value === input ? data : results[value]?.data;
      if (!(numbers instanceof Float32Array)) throw new Failure('MODEL_INVALID', `${value} is not of floats`);
      this.widen(value, numbers);
    }
  }

  get measured(): ValueRanges {
    return this.ranges;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private widen(value: string, numbers: Float32Array): void {
    let { minimum, maximum } = this.ranges.get(value) ?? { minimum: 0, maximum: 0 };
    for (const number of numbers) {
      if (number < minimum) minimum = number;
      else if (number > maximum) maximum = number;
      else if (Number.isNaN(number))
        throw new Failure('MODEL_INVALID', `${value} is not a number for a calibration image`);
    }
    this.ranges.set(value, { minimum, maximum });
  }
}
