import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

import type { StepReport } from '../../src/learning/step/training-engine.js';
import { softwareGpu } from '../support/software-gpu.js';
import { runInFolder } from '../support/training-command.js';

const gpu = softwareGpu('training on WebGPU');
const program = fileURLToPath(new URL('../support/device-steps.mjs', import.meta.url));

interface Compared {
  readonly cpu: readonly StepReport[];
  readonly gpu: readonly StepReport[];
  readonly started: number;
  readonly moved: number;
  readonly difference: number;
  readonly lossState: readonly [Record<string, number>, Record<string, number>];
  readonly divergence: string;
  readonly changedByDivergence: number;
}

/** Whether all was told before. */
function endedByCrash(error: unknown): error is { readonly stdout: string } {
  const { signal, stdout } = error as { readonly signal?: unknown; readonly stdout?: unknown };
  return signal === 'SIGSEGV' && typeof stdout === 'string' && stdout.endsWith('}\n');
}

describe.skipIf(gpu === undefined)('training with its state on a GPU, by WebGPU', () => {
  let outcome: { readonly single: Compared; readonly accumulated: Compared; readonly mixed: string };

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      env: { ...process.env, ...gpu },
      timeout: 110_000,
    }).catch((error: unknown) => {
      // Once in six times ONNX Runtime 1.30 crashes at the end of a process in which a session on WebGPU was refused.
      if (endedByCrash(error)) return error;
      throw error;
    });
    outcome = JSON.parse(stdout.trim().split('\n').at(-1)!) as typeof outcome;
  });

  it.each(['single', 'accumulated'] as const)('is the training of the processor (%s)', (kind) => {
    const { cpu, gpu: onGpu, started, moved, difference, lossState } = outcome[kind];
    expect(started, 'what is read before a step').toBe(0);
    expect(moved).toBeGreaterThan(1e-2);
    for (const [step, report] of onGpu.entries())
      for (const [figure, value] of Object.entries<number>({ ...cpu[step]! }))
        expect(
          Math.abs(report[figure as keyof StepReport]! - value),
          `${figure} of step ${step}`,
        ).toBeLessThanOrEqual(1e-3 * Math.abs(value));
    expect(difference).toBeLessThan(1e-3);
    for (const [name, value] of Object.entries(lossState[1]))
      expect(Math.abs(lossState[0][name]! - value), name).toBeLessThan(1e-3 * Math.abs(value) + 1e-6);
  });

  it('keeps the state where a step is not finite', () => {
    expect(outcome.single.divergence).toBe('TRAINING_DIVERGED');
    expect(outcome.single.changedByDivergence).toBe(0);
  });

  it('trains in mixed precision, or says that this GPU cannot', () => {
    expect(outcome.mixed).toMatch(/^trains$|MODEL_INVALID: .*requires f16.*in single precision/su);
  });
});

describe('training on a GPU that the machine has not', () => {
  // No Vulkan driver, and no GPU for CUDA wherever there is one.
  const without = { VK_ICD_FILENAMES: '/dev/null', VK_DRIVER_FILES: '/dev/null', CUDA_VISIBLE_DEVICES: '' };
  const recipe = fileURLToPath(new URL('../../recipes/paper/lightweight.yaml', import.meta.url));
  const train = async (provider: string) =>
    runInFolder(
      tmpdir(),
      ['train', '--config', recipe, '--set', 'data.path=missing.rec', '--provider', provider],
      without,
    );

  it.each(['cuda', 'webgpu'])('says what it lacks, and what to do: %s', async (provider) => {
    const { code, err } = await train(provider);
    expect(err).toContain(`--provider ${provider}: this machine cannot train on ${provider}: `);
    expect(err).toContain('(docs/workers.md, "Providers"), or train with --provider cpu.');
    expect(code).toBe(2);
  });

  it('computes on the processor where it was asked to choose', async () => {
    expect((await train('auto')).err).toContain('Computes on cpu.');
  });
});
