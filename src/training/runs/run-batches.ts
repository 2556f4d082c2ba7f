import type { TrainingBatch } from '../../learning/sampler/training-batch.js';
import { type HeadShare, headShareOf } from '../../learning/step/head-share.js';
import type { TrainOptions } from '../configuration/train-options.js';
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
  readonly options: Pick<TrainOptions, 'processes'>;
}

/** The batches of a run, with what is not made of the images: a teacher's targets, what is dropped, the classes of a step. */
export class RunBatches {
  /** The classes of the step that goes on, where it is computed on some. */
  private sampled:
    { readonly epoch: number; readonly batch: number; readonly classes: Int32Array } | undefined;

  /** The classes of this process, where the head is split. */
  private readonly share: HeadShare | undefined;

  constructor(private readonly parts: BatchParts) {
    const { processes } = parts.options;
    const isSplit = processes !== undefined && parts.spec.splitHead === true;
    this.share = isSplit ? headShareOf(parts.spec, processes) : undefined;
  }

  /** @throws as `DataLoader.batches` */
  async *of(epoch: number, fromBatch: number, stop: AbortSignal): AsyncGenerator<SuppliedBatch> {
    const { configuration, data, spec, targets } = this.parts;
    for await (const made of data.batches(epoch, fromBatch, stop)) {
      const { faces, waitedMs, place, ...batch } = made;
      const taught = targets === undefined ? batch : withTargets(batch, faces, targets);
      const dropped = withDropout(taught, spec, configuration.seed, { epoch, batch: place });
      yield { batch: this.onClasses(dropped, epoch, place), waitedMs };
    }
  }

  /** A batch with the classes that its step is computed on, where these are some. */
  private onClasses(batch: TrainingBatch, epoch: number, place: number): TrainingBatch {
    const classes = this.classesAt(epoch, place);
    if (classes === undefined) return batch;
    // Of a head that is split, samples of other processes' classes are among the batch's.
    return this.share === undefined ? withSampledClasses(batch, classes) : { ...batch, classes };
  }

  /** The classes that the step of a batch is computed on, numbered from the share's first; undefined where it is on all. */
  private classesAt(epoch: number, place: number): Int32Array | undefined {
    const { configuration, data, spec } = this.parts;
    const { first, classCount, sampledClasses: count } = this.share ?? { first: 0, ...spec };
    if (count === undefined) return undefined;
    const { accumulateSteps, seed } = configuration;
    const batch = place - (place % accumulateSteps);
    if (this.sampled?.epoch === epoch && this.sampled.batch === batch) return this.sampled.classes;
    const { batchCount } = accumulationAt(accumulateSteps, place, data.batchesPerEpoch);
    const labels = data.labelsOf(epoch, batch, batchCount);
    const own = Array.from(labels, (label) => label - first).filter((each) => each >= 0 && each < classCount);
    const classes = sampleClasses(own, { count, classCount }, seed + first, { epoch, batch });
    this.sampled = { epoch, batch, classes };
    return classes;
  }
}
