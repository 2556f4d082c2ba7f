import { compileRepeated } from '../../../compiler/index.js';
import { type InferenceSession, Tensor } from '../../../onnx/onnx-runtime.js';
import type { StateArrays } from '../../step/step-arrays.js';
import type { StepInput, TrainingStep } from '../../step/step-definition.js';
import { ArrayGarbage } from '../array-garbage.js';
import type { OrtEngineOptions } from '../ort-engine-options.js';
import { createSession, runtimeFailure } from '../ort-session.js';
import { type BatchArrays, type DeviceState, type DeviceSteps, nextName } from './device-state.js';
import { deviceTarget } from './device-target.js';

/** More would not save much: what crosses the bus once a run is a sixteenth already. */
const MOST_BATCHES = 16;
/** Of the batches of a run, which are there twice. */
const MOST_BYTES = 512 * 1024 ** 2;

/**
 * Several steps in one run, in an ONNX `Loop` whose state stays where it is computed with. It goes to the device and comes
 * back once a run. ONNX Runtime's binding has no arrays on a GPU by CUDA, where this is the next best.
 */
export class LoopedSteps implements DeviceState {
  readonly batchesPerRun: number;
  private readonly garbage = new ArrayGarbage();

  private constructor(
    private readonly definition: TrainingStep,
    private readonly session: InferenceSession,
    private state: StateArrays,
  ) {
    const batchBytes = this.batchInputs.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
    this.batchesPerRun = Math.max(1, Math.min(MOST_BATCHES, Math.floor(MOST_BYTES / batchBytes)));
  }

  /**
   * @param arrays the state, which is copied
   * @throws Failure MODEL_INVALID where the runtime has not that provider, or cannot load the graph; OUT_OF_MEMORY
   */
  static async start(
    name: string,
    definition: TrainingStep,
    arrays: StateArrays,
    options: OrtEngineOptions,
  ): Promise<LoopedSteps> {
    const changed = definition.outputs.slice(definition.figures.length);
    const repeated = {
      ...definition,
      name,
      outputs: definition.outputs.map(nextName),
      outputsEarly: true,
      perRepetition: definition.inputs.map((input) => input.name).filter((each) => !arrays.has(each)),
      carried: new Map(changed.map((each) => [nextName(each), each])),
    };
    const session = await createSession(compileRepeated(repeated, deviceTarget(options)), options);
    const copies = Array.from(arrays, ([each, values]) => [each, values.slice()] as const);
    return new LoopedSteps(definition, session, new Map(copies));
  }

  async run(batches: readonly BatchArrays[]): Promise<DeviceSteps> {
    const { figures, outputs, inputs } = this.definition;
    const feeds = inputs.map(({ name, shape, dtype }): [string, Tensor] => {
      const values = this.state.get(name);
      if (values !== undefined) return [name, new Tensor(dtype, values, shape)];
      return [name, stacked({ name, shape, dtype }, batches)];
    });
    const results = await this.session.run(Object.fromEntries(feeds)).catch((error: unknown) => {
      throw runtimeFailure(error, 'The training step failed');
    });
    const next = outputs
      .slice(figures.length)
      .map((name) => [name, floatsOf(results[nextName(name)])] as const);
    const told = figures.map((name) => floatsOf(results[nextName(name)]));
    // Of either state one is of no use any more.
    const discard = (): void => {
      this.garbage.add(next.reduce((sum, [, { byteLength }]) => sum + byteLength, 0));
    };
    return {
      figures: batches.map((_, at) => told.map((values) => values[at] ?? Number.NaN)),
      keep: () => {
        this.state = new Map([...this.state, ...next]);
        discard();
      },
      discard,
    };
  }

  read(): Promise<StateArrays> {
    return Promise.resolve(this.state);
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  private get batchInputs(): readonly StepInput[] {
    return this.definition.inputs.filter(({ name }) => !this.state.has(name));
  }
}

/** The same input of all batches, with an axis of batches before the others. */
function stacked({ name, shape, dtype }: StepInput, batches: readonly BatchArrays[]): Tensor {
  const size = sizeOf(shape);
  const all = new (dtype === 'int32' ? Int32Array : Float32Array)(size * batches.length);
  for (const [at, batch] of batches.entries()) {
    const values = batch.get(name);
    if (values?.length !== size) throw new RangeError(`a batch has no ${name} of [${shape.join(', ')}]`);
    all.set(values, at * size);
  }
  return new Tensor(dtype, all, [batches.length, ...shape]);
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new RangeError('the graph of the training step does not tell all that it should');
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
