import type { ExecutionProvider } from '../../onnx/execution-provider.js';
import { bestProvider, reasonAgainst, tryProvider } from '../../onnx/try-provider.js';
import { trainerEntryPoint } from '../../training/enrolled-faces/trainer-process.js';
import { CommandFailure } from '../command-failure.js';

/** What `--provider` may be. */
export type ProviderChoice = ExecutionProvider | 'auto';

/**
 * Where a training computes that is asked to compute there: a GPU is tried before, by a process of its own.
 * @param choice `auto`: on a GPU where the machine has one that works, else on the processor
 * @throws CommandFailure with what the machine lacks, and what to do
 */
export async function usableProvider(choice: ProviderChoice): Promise<ExecutionProvider> {
  if (choice === 'cpu') return choice;
  if (choice === 'auto') return bestProvider(trainerEntryPoint);
  await tryProvider(trainerEntryPoint, choice).catch((cause: unknown) => {
    throw new CommandFailure(
      `--provider ${choice}: this machine cannot train on ${choice}: ${reasonAgainst(cause)}. ` +
        'Install what it needs (docs/workers.md, "Providers"), or train with --provider cpu.',
    );
  });
  return choice;
}
