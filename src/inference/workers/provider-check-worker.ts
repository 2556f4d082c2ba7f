/** Entry point of a process that tries whether it can compute with a provider, and ends. */
import { leaveSignalsToParent } from '../../core/concurrency/process-signals.js';
import { toRecord } from '../../core/failure-record.js';
import type { ExecutionProvider, ProviderAnswer, ProviderQuestion } from '../../onnx/execution-provider.js';
import { requireExecutionProvider } from '../../onnx/require-execution-provider.js';

async function check(provider: ExecutionProvider): Promise<ProviderAnswer> {
  try {
    await requireExecutionProvider(provider);
    return { type: 'provider-works' };
  } catch (error) {
    return { type: 'failed', error: toRecord(error) };
  }
}

process.once('message', ({ provider }: ProviderQuestion<ExecutionProvider>) => {
  void check(provider).then((answer) => {
    process.send?.(answer, () => process.exit(0));
  });
});
process.once('disconnect', () => process.exit(0));
leaveSignalsToParent();
