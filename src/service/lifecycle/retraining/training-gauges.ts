import { Gauge, type Registry } from 'prom-client';
import { sharedWhileUnderWay } from '../../platform/telemetry/shared-while-under-way.js';
import type { TrainingSteps } from '../../../training/enrolled-faces/training-steps.js';

/** A training that runs, of whichever replica. */
export interface RunningTraining {
  /** The model line that it trains: one training of a line runs at a time. */
  readonly line: string;
  readonly steps: TrainingSteps;
}

const figures: Readonly<
  Record<string, { readonly help: string; readonly of: (steps: TrainingSteps) => number }>
> = {
  symface_training_steps: { help: 'Steps of a running training, by model line', of: ({ total }) => total },
  symface_training_steps_done: { help: 'Of these, those that are done', of: ({ done }) => done },
  symface_training_epochs: {
    help: 'Epochs of a running training, by model line',
    of: ({ epochs }) => epochs,
  },
  symface_training_epoch: { help: 'The epoch that it is in, from 1', of: ({ epoch }) => epoch },
  symface_training_images_per_second: {
    help: 'Images that a running training computes in a second, by model line',
    of: ({ imagesPerSecond }) => imagesPerSecond,
  },
};

/**
 * Shows the trainings that have begun to compute, by model line, from now on. Nothing is shown of those that have ended,
 * or while the database does not answer.
 */
export function watchTrainings(registry: Registry, read: () => Promise<readonly RunningTraining[]>): void {
  const registers = [registry];
  const running = sharedWhileUnderWay(async () => read().catch(() => []));
  for (const [name, { help, of }] of Object.entries(figures)) {
    new Gauge({
      name,
      help,
      labelNames: ['line'],
      registers,
      async collect() {
        const trainings = await running();
        this.reset();
        for (const { line, steps } of trainings) show(this, { line }, of(steps));
      },
    });
  }
  new Gauge({
    name: 'symface_training_loss',
    help: 'Loss of the last step of a running training, by model line: in total, of the faces, of the symmetry term',
    labelNames: ['line', 'part'],
    registers,
    async collect() {
      const trainings = await running();
      this.reset();
      for (const { line, steps } of trainings) {
        show(this, { line, part: 'total' }, steps.loss);
        show(this, { line, part: 'face' }, steps.faceLoss);
        show(this, { line, part: 'symmetry' }, steps.symmetryLoss);
      }
    },
  });
}

/** A row may be of another version of this program, and one wrong figure would end the whole scrape. */
function show<Label extends string>(
  gauge: Gauge<Label>,
  labels: Readonly<Record<Label, string>>,
  value: number,
): void {
  if (Number.isFinite(value)) gauge.set(labels, value);
}
