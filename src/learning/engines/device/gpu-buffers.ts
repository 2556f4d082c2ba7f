import { compileToOnnx } from '../../../compiler/index.js';
import { Failure } from '../../../core/failure.js';
import { type InferenceSession, Tensor } from '../../../onnx/onnx-runtime.js';
import { writeOnnx } from '../../../onnx/write-onnx.js';
import type { StateArrays } from '../../step/step-arrays.js';
import type { StepInput, TrainingStep } from '../../step/step-definition.js';
import type { OrtEngineOptions } from '../ort-engine-options.js';
import { createSession, runtimeFailure } from '../ort-session.js';
import { type BatchArrays, type DeviceState, type DeviceSteps, nextName } from './device-state.js';
import { deviceTarget } from './device-target.js';

type Tensors = ReadonlyMap<string, Tensor>;

/**
 * A training's state in buffers of a GPU, by ONNX Runtime's WebGPU provider: what comes out of a step goes into the next one
 * where it is. Figures alone come back.
 *
 * Of version 1.30 of its binding: `getData()` of a tensor on the GPU ends the process, so that buffers are read by a graph that
 * copies; buffers are freed only where one says so, and must be before
 * the session that made them, which must live as long as they do; outputs that are handed in are ignored.
 */
export class GpuBuffers implements DeviceState {
  readonly batchesPerRun = 1;

  private constructor(
    private readonly definition: TrainingStep,
    private readonly session: InferenceSession,
    private readonly reader: InferenceSession,
    private readonly writer: InferenceSession,
    private readonly inputs: readonly StepInput[],
    private state: Tensors,
  ) {}

  /**
   * @param arrays the state, which is copied
   * @throws Failure MODEL_INVALID where there is no such GPU, or it cannot compute the step; OUT_OF_MEMORY
   */
  static async start(
    name: string,
    definition: TrainingStep,
    arrays: StateArrays,
    options: OrtEngineOptions,
  ): Promise<GpuBuffers> {
    const traced = { ...definition, name, outputs: definition.outputs.map(nextName), outputsEarly: true };
    const graph = compileToOnnx(traced, deviceTarget(options));
    const inputs = definition.inputs.filter((input) => arrays.has(input.name));
    const changed = definition.outputs.slice(definition.figures.length);
    const session = await createSession(graph, options, {
      preferredOutputLocation: Object.fromEntries(changed.map((each) => [nextName(each), 'gpu-buffer'])),
    });
    const copies = copyingGraph(inputs);
    const reader = await createSession(copies, options, { graphOptimizationLevel: 'disabled' });
    const written = await uploaded(copies, inputs, arrays, options);
    return new GpuBuffers(definition, session, reader, written.session, inputs, written.state);
  }

  async run([batch]: readonly BatchArrays[]): Promise<DeviceSteps> {
    if (batch === undefined) throw new RangeError('a step has a batch');
    const { figures, outputs, inputs } = this.definition;
    const given = inputs.flatMap(({ name, shape, dtype }): [string, Tensor][] => {
      const values = batch.get(name);
      return values === undefined ? [] : [[name, new Tensor(dtype, values, shape)]];
    });
    const feeds = Object.fromEntries([...this.state, ...given]);
    const results = await this.session.run(feeds).catch((error: unknown) => {
      throw runtimeFailure(error, 'The training step failed');
    });
    const next = new Map(
      outputs.slice(figures.length).map((name) => [name, bufferOf(results[nextName(name)])]),
    );
    return {
      figures: [figures.map((name) => numberOf(results[nextName(name)]))],
      keep: () => {
        for (const name of next.keys()) this.state.get(name)?.dispose();
        this.state = new Map([...this.state, ...next]);
      },
      discard: () => {
        free(next);
      },
    };
  }

  async read(): Promise<StateArrays> {
    const results = await this.reader.run(Object.fromEntries(this.state)).catch((error: unknown) => {
      throw runtimeFailure(error, 'The training cannot be read from the GPU');
    });
    return new Map(this.inputs.map(({ name }) => [name, floatsOf(results[nextName(name)])]));
  }

  async close(): Promise<void> {
    free(this.state);
    this.state = new Map();
    await this.session.release();
    await this.reader.release();
    await this.writer.release();
  }
}

/** The state in buffers of the GPU, and the session that they belong to: without it they are memory of nobody. */
async function uploaded(
  copies: Uint8Array,
  inputs: readonly StepInput[],
  arrays: StateArrays,
  options: OrtEngineOptions,
): Promise<{ readonly session: InferenceSession; readonly state: Tensors }> {
  const session = await createSession(copies, options, {
    graphOptimizationLevel: 'disabled',
    preferredOutputLocation: 'gpu-buffer',
  });
  const feeds = inputs.map(({ name, shape }): [string, Tensor] => [
    name,
    new Tensor('float32', arrays.get(name) ?? new Float32Array(), shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds)).catch((error: unknown) => {
    throw runtimeFailure(error, 'The training cannot be brought to the GPU');
  });
  return { session, state: new Map(inputs.map(({ name }) => [name, bufferOf(results[nextName(name)])])) };
}

/** A graph whose outputs are its inputs. */
function copyingGraph(inputs: readonly StepInput[]): Uint8Array {
  const floats = { elementType: 'float32' } as const;
  return writeOnnx({
    irVersion: 8,
    operatorSets: new Map([['', 17]]),
    graph: {
      name: 'copies',
      nodes: inputs.map(({ name }) => ({
        name: '',
        operator: 'Identity',
        domain: '',
        inputs: [name],
        outputs: [nextName(name)],
        attributes: {},
      })),
      constants: new Map(),
      inputs: inputs.map(({ name, shape }) => ({ name, dims: shape, ...floats })),
      outputs: inputs.map(({ name, shape }) => ({ name: nextName(name), dims: shape, ...floats })),
    },
  });
}

/** What is elsewhere would be taken for numbers of the GPU's memory without a word. @throws Failure MODEL_INVALID */
function bufferOf(tensor: Tensor | undefined): Tensor {
  if (tensor?.location === 'gpu-buffer') return tensor;
  throw new Failure(
    'MODEL_INVALID',
    'ONNX Runtime does not keep the training on the GPU: train with --provider cpu.',
  );
}

function numberOf(tensor: Tensor | undefined): number {
  return floatsOf(tensor)[0] ?? Number.NaN;
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.location === 'cpu' && tensor.data instanceof Float32Array) return tensor.data;
  throw new RangeError('the graph of the training step does not tell all that it should');
}

function free(tensors: Tensors): void {
  for (const tensor of tensors.values()) tensor.dispose();
}
