import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { BenchmarkStore, ImageMeasurement } from './benchmark.store.js';

/** What a process that is killed loses at most; a statement for each image costs a tenth of embedding it. */
const batchSize = 16;

/** Measurements on their way to the store. */
export class MeasurementBatch {
  private waiting: ImageMeasurement[] = [];

  constructor(
    private readonly store: Pick<BenchmarkStore, 'keepMeasurements'>,
    private readonly models: MeasuredModels,
  ) {}

  async add(measurement: ImageMeasurement): Promise<void> {
    this.waiting.push(measurement);
    if (this.waiting.length >= batchSize) await this.keep();
  }

  /** Writes what is waiting. */
  async keep(): Promise<void> {
    const measurements = this.waiting;
    this.waiting = [];
    if (measurements.length > 0) await this.store.keepMeasurements(measurements, this.models);
  }
}
