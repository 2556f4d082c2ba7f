import { accumulationAt } from '../../learning/step/accumulation.js';
import { withDropout } from '../../learning/step/dropout-mask.js';
import { sampleClasses, withSampledClasses } from '../../learning/step/sampled-classes.js';
import { type TeacherTargets, withTargets } from '../../learning/step/teacher-targets.js';
import type { SuppliedBatch } from '../../learning/step/training-run.js';
import type { TrainingSpec } from '../../learning/step/training-spec.js';
import type { TrainingConfiguration } from '../configuration/training-configuration.js';
import type { DataLoader } from '../data/data-loader.js';

interface BatchParts {
  readonly configuration: Pick<TrainingConfiguration, 'accumulateSteps' | 'seed'>;
  readonly data: Pick<DataLoader, 'batches' | 'batchesPerEpoch' | 'labelsOf'>;
  readonly spec: TrainingSpec;
  readonly targets: TeacherTargets | undefined;
}

/** The batches of a run, with what is not made of the images: a teacher's targets, what is dropped, the classes of a step. */
export class RunBatches {
  /** The classes of the step that goes on, where it is computed on some. */
  private sampled:
    { readonly epoch: number; readonly batch: number; readonly classes: Int32Array } | undefined;

  constructor(private readonly parts: BatchParts) {}

  /** @throws as `DataLoader.batches` */
  async *of(epoch: number, fromBatch: number, stop: AbortSignal): AsyncGenerator<SuppliedBatch> {
    const { configuration, data, spec, targets } = this.parts;
    for await (const made of data.batches(epoch, fromBatch, stop)) {
      const { faces, waitedMs, place, ...batch } = made;
      const taught = targets === undefined ? batch : withTargets(batch, faces, targets);
      const dropped = withDropout(taught, spec, configuration.seed, { epoch, batch: place });
      const classes = this.classesAt(epoch, place);
      yield { batch: classes === undefined ? dropped : withSampledClasses(dropped, classes), waitedMs };
    }
  }

  /** The classes that the step of a batch is computed on; undefined where it is on all. */
  private classesAt(epoch: number, place: number): Int32Array | undefined {
    const { configuration, data, spec } = this.parts;
    const { sampledClasses: count, classCount } = spec;
    if (count === undefined) return undefined;
    const { accumulateSteps, seed } = configuration;
    const batch = place - (place % accumulateSteps);
    if (this.sampled?.epoch === epoch && this.sampled.batch === batch) return this.sampled.classes;
    const { batchCount } = accumulationAt(accumulateSteps, place, data.batchesPerEpoch);
    const labels = data.labelsOf(epoch, batch, batchCount);
    const classes = sampleClasses(labels, { count, classCount }, seed, { epoch, batch });
    this.sampled = { epoch, batch, classes };
    return classes;
  }
}
