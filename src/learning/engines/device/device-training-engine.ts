import type { TrainingBatch } from '../../sampler/training-batch.js';
import { NO_ACCUMULATION } from '../../step/accumulation.js';
import {
  arraysOfBatch,
  arraysOfState,
  divergedValue,
  stateOfArrays,
  stepReport,
} from '../../step/step-arrays.js';
import type { TrainingStep } from '../../step/step-definition.js';
import type {
  Accumulation,
  PlannedBatch,
  StepReport,
  TrainingEngine,
  TrainingState,
} from '../../step/training-engine.js';
import type { TrainingSpec } from '../../step/training-spec.js';
import { trainingStep } from '../../step/training-step.js';
import { divergence } from '../divergence.js';
import type { OrtEngineOptions } from '../ort-engine-options.js';
import type { BatchArrays, DeviceState } from './device-state.js';
import { GpuBuffers } from './gpu-buffers.js';
import { LoopedSteps } from './looped-steps.js';
import { LossScale } from './loss-scale.js';

/**
 * The whole step, descent and all, compiled to one ONNX graph, with the state where ONNX Runtime computes: in buffers of
 * WebGPU, or in a loop over several batches. On the CPU OrtTrainingEngine is faster.
 */
export class DeviceTrainingEngine implements TrainingEngine {
  private constructor(
    private readonly spec: TrainingSpec,
    private readonly definition: TrainingStep,
    private readonly device: DeviceState,
    private readonly lossScale: LossScale | undefined,
  ) {}

  /**
   * Compiles the step and brings a state to the device, as a copy.
   * @throws RangeError where the spec is not possible or the state does not fit it; Failure MODEL_INVALID where the
   *   runtime has not that provider or cannot load the graph; OUT_OF_MEMORY
   */
  static async start(
    spec: TrainingSpec,
    state: TrainingState,
    options: OrtEngineOptions,
  ): Promise<DeviceTrainingEngine> {
    if (spec.sampledClasses !== undefined)
      throw new RangeError(
        'head.sampleRate: steps on some of the classes are taken with the state in the host',
      );
    const scalesLoss = options.precision === 'mixed';
    const definition = trainingStep(spec, { scalesLoss });
    const arrays = arraysOfState(state, definition.inputs);
    const place = options.provider === 'webgpu' ? GpuBuffers : LoopedSteps;
    const device = await place.start(`training-${spec.backbone.name}`, definition, arrays, options);
    return new DeviceTrainingEngine(spec, definition, device, scalesLoss ? new LossScale() : undefined);
  }

  get batchesPerRun(): number {
    return this.device.batchesPerRun;
  }

  /** What the loss is multiplied by before gradients are computed; 1 in single precision. */
  get scaleOfLoss(): number {
    return this.lossScale?.value ?? 1;
  }

  async step(
    batch: TrainingBatch,
    learningRate: number,
    accumulation: Accumulation = NO_ACCUMULATION,
  ): Promise<StepReport> {
    const [report] = await this.steps([{ batch, learningRate, accumulation }]);
    if (report === undefined) throw new RangeError('a step has a report');
    return report;
  }

  async steps(planned: readonly PlannedBatch[]): Promise<readonly StepReport[]> {
    let batches = planned.slice(0, this.batchesPerRun);
    for (;;) {
      const run = await this.device.run(batches.map((each) => this.arraysOf(each)));
      const reports = run.figures.map((values) => stepReport(this.definition.figures, values));
      const finite = reports.findIndex((report) => divergedValue(report) !== undefined);
      if (finite === -1) {
        run.keep();
        this.lossScale?.bore(reports.length);
        return reports;
      }
      run.discard();
      // Those before the first that is not finite are taken once more, and no others.
      if (finite > 0) batches = batches.slice(0, finite);
      else this.tryAgain(reports[0]);
    }
  }

  async state(): Promise<TrainingState> {
    return stateOfArrays(await this.device.read(), this.spec, this.definition.inputs);
  }

  async close(): Promise<void> {
    await this.device.close();
  }

  private arraysOf({ batch, learningRate, accumulation }: PlannedBatch): BatchArrays {
    const arrays = arraysOfBatch(batch, learningRate, accumulation);
    return new Map([...arrays, ['lossScale', Float32Array.of(this.scaleOfLoss)]]);
  }

  /** Lowers the scale of a loss that is finite itself. @throws Failure TRAINING_DIVERGED where that is no remedy */
  private tryAgain(report: StepReport | undefined): void {
    const diverged = report && divergedValue(report);
    if (report === undefined || diverged === undefined) throw new RangeError('a step has a report');
    if (diverged !== 'gradientNorm' || this.lossScale?.overflowed() !== true)
      throw divergence(diverged, report);
  }
}
