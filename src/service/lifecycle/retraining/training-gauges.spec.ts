import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TrainingSteps } from '../../../training/enrolled-faces/training-steps.js';
import { type RunningTraining, watchTrainings } from './training-gauges.js';

const steps: TrainingSteps = {
  done: 30,
  total: 120,
  epoch: 2,
  epochs: 4,
  loss: 7.5,
  faceLoss: 6,
  symmetryLoss: 0.15,
  imagesPerSecond: 250,
};

describe('watchTrainings', () => {
  let registry: Registry;
  let running: readonly RunningTraining[] | Error;
  let reads: number;

  /** Names, labels and values, without help. */
  const scrape = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('symface_'));

  beforeEach(() => {
    registry = new Registry();
    running = [];
    reads = 0;
    watchTrainings(registry, async () => {
      reads++;
      return running instanceof Error ? Promise.reject(running) : Promise.resolve(running);
    });
  });

  it('shows each running training by its line, asking the database once for a scrape', async () => {
    running = [
      { line: 'net', steps },
      { line: 'other', steps: { ...steps, done: 31 } },
    ];
    const lines = await scrape();
    expect(lines.filter((line) => line.includes('"net"'))).toEqual([
      'symface_training_steps{line="net"} 120',
      'symface_training_steps_done{line="net"} 30',
      'symface_training_epochs{line="net"} 4',
      'symface_training_epoch{line="net"} 2',
      'symface_training_images_per_second{line="net"} 250',
      'symface_training_loss{line="net",part="total"} 7.5',
      'symface_training_loss{line="net",part="face"} 6',
      'symface_training_loss{line="net",part="symmetry"} 0.15',
    ]);
    expect(lines).toContain('symface_training_steps_done{line="other"} 31');
    expect(reads).toBe(1);
  });

  it('leaves out a figure that is none', async () => {
    running = [{ line: 'net', steps: { ...steps, loss: null } as unknown as TrainingSteps }];
    const lines = await scrape();
    expect(lines).toHaveLength(7);
    expect(lines.join('\n')).not.toContain('total');
  });

  it.each<[string, readonly RunningTraining[] | Error]>([
    ['no training runs', []],
    ['the database does not answer', new Error('down')],
  ])('shows nothing any more once %s', async (_when, then) => {
    running = [{ line: 'net', steps }];
    expect(await scrape()).not.toEqual([]);
    running = then;
    expect(await scrape()).toEqual([]);
  });
});
