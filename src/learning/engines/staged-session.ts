import type { CompiledStage } from '../../compiler/index.js';
import type { ValueInfo } from '../../onnx/graph.js';
import { type InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import type { ElementType } from '../../onnx/tensor.js';
import { ArrayGarbage } from './array-garbage.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import { createSession } from './ort-session.js';
import type { ProcessGroup } from './process-group.js';

type Tensors = Readonly<Record<string, Tensor>>;

/** A stage that is loaded. */
interface LoadedStage {
  readonly stage: CompiledStage;
  /** Undefined where nothing is computed in it. */
  readonly session: InferenceSession | undefined;
  /** How many floats of each value are exchanged. */
  readonly lengths: readonly number[];
}

/** Each of many sessions would keep as much memory as it ever took. */
const withoutArena = { enableCpuMemArena: false } as const;

/**
 * A graph in stages, between which several processes exchange values: all of them run the same stage at the same time. What later stages
 * need is in this process's memory, as ONNX Runtime copies it out of one session and reads it in place for the next, until the last one
 * that needs it is done.
 */
export class StagedSession {
  private readonly garbage = new ArrayGarbage();

  private constructor(
    private readonly processes: ProcessGroup,
    private readonly stages: readonly LoadedStage[],
  ) {}

  /** @throws as {@link createSession} */
  static async create(
    stages: readonly CompiledStage[],
    options: OrtEngineOptions,
    processes: ProcessGroup,
  ): Promise<StagedSession> {
    const known = new Map<string, ValueInfo>();
    const loaded: LoadedStage[] = [];
    for (const stage of stages) {
      const session =
        stage.outputs.length === 0
          ? undefined
          : await createSession(
              stage.model((name) => known.get(name)),
              options,
              withoutArena,
            );
      for (const value of session?.outputMetadata ?? []) known.set(value.name, valueInfoOf(value));
      const lengths = stage.exchanges.map(({ sent, received }) => {
        const length = Number(known.get(sent)?.dims?.[0] ?? 0);
        known.set(received, { name: received, elementType: 'float32', dims: [processes.size, length] });
        return length;
      });
      loaded.push({ stage, session, lengths });
    }
    return new StagedSession(processes, loaded);
  }

  /** Runs the stages one after the other. @returns values by name, the outputs of the whole graph among them */
  async run(feeds: Tensors): Promise<Tensors> {
    const values = new Map(Object.entries(feeds));
    for (const { stage, session, lengths } of this.stages) {
      const given = stage.inputs.map((name) => [name, valueOf(values, name)] as const);
      const results = (await session?.run(Object.fromEntries(given))) ?? {};
      for (const [name, tensor] of Object.entries(results)) values.set(name, tensor);
      const own = stage.exchanges.map(({ sent }) => valueOf(values, sent).data as Float32Array);
      const received = await this.exchange(own, lengths);
      for (const [index, { received: name }] of stage.exchanges.entries()) {
        const all = received[index] ?? new Float32Array();
        values.set(name, new Tensor('float32', all, [this.processes.size, lengths[index] ?? 0]));
      }
      this.release(values, stage.released);
    }
    return Object.fromEntries(values);
  }

  /** Takes part in what the others run: nothing of this process is in what comes to them. */
  async runWithoutBatch(): Promise<void> {
    for (const { lengths } of this.stages)
      await this.exchange(
        lengths.map((length) => new Float32Array(length)),
        lengths,
      );
  }

  async close(): Promise<void> {
    for (const { session } of this.stages) await session?.release();
  }

  private release(values: Map<string, Tensor>, names: readonly string[]): void {
    let bytes = 0;
    for (const name of names) {
      bytes += bytesOf(valueOf(values, name));
      values.delete(name);
    }
    this.garbage.add(bytes);
  }

  /**
   * Exchanges values, all at once.
   * @param own of each value this process's
   * @returns of each value those of all processes, one after the other in the order of ranks
   */
  private async exchange(
    own: readonly Float32Array[],
    lengths: readonly number[],
  ): Promise<readonly Float32Array[]> {
    const total = lengths.reduce((sum, length) => sum + length, 0);
    if (total === 0) return [];
    const { size } = this.processes;
    const part = Float32Array.from(own.flatMap((values) => [...values]));
    const whole = new Float32Array(size * total);
    await this.processes.gather(part, whole);
    let start = 0;
    return lengths.map((length) => {
      const received = new Float32Array(size * length);
      for (let rank = 0; rank < size; rank++) {
        const from = rank * total + start;
        received.set(whole.subarray(from, from + length), rank * length);
      }
      start += length;
      return received;
    });
  }
}

/** What ONNX Runtime found out of a stage's output, which is an input of later ones. */
function valueInfoOf(value: InferenceSession.ValueMetadata): ValueInfo {
  if (!value.isTensor) throw new RangeError(`${value.name} is no tensor`);
  return { name: value.name, elementType: value.type as ElementType, dims: value.shape };
}

function valueOf(values: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const value = values.get(name);
  if (value === undefined) throw new RangeError(`the stage of a graph lacks ${name}`);
  return value;
}

function bytesOf({ data }: Tensor): number {
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}
