import type { ExecutionProvider } from '../../onnx/execution-provider.js';
import { reasonAgainst, tryProvider } from '../../onnx/try-provider.js';
import { trainerEntryPoint } from '../../training/enrolled-faces/trainer-process.js';
import { CommandFailure } from '../command-failure.js';

/** What `--provider` may be. */
export type ProviderChoice = ExecutionProvider | 'auto';

/** Those that `auto` tries, the faster one first. */
const GPUS = ['cuda', 'webgpu'] as const;

/**
 * Where a training computes that is asked to compute there: a GPU is tried before, by a process of its own.
 * @param choice `auto`: on a GPU where the machine has one that works, else on the processor
 * @throws CommandFailure with what the machine lacks, and what to do
 */
export async function usableProvider(choice: ProviderChoice): Promise<ExecutionProvider> {
  if (choice === 'cpu') return choice;
  if (choice !== 'auto') {
    await requireUsable(choice);
    return choice;
  }
  for (const provider of GPUS) {
    try {
      await requireUsable(provider);
      return provider;
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
    }
  }
  return 'cpu';
}

async function requireUsable(provider: ExecutionProvider): Promise<void> {
  await tryProvider(trainerEntryPoint, provider).catch((cause: unknown) => {
    throw new CommandFailure(
      `--provider ${provider}: this machine cannot train on ${provider}: ${reasonAgainst(cause)}. ` +
        'Install what it needs (docs/workers.md, "Providers"), or train with --provider cpu.',
    );
  });
}
