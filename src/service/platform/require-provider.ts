import { reasonAgainst, tryProvider } from '../../onnx/try-provider.js';
import { ConfigurationError } from './configuration/configuration.js';

/** A setting that names where networks compute, and the process that can try it. */
export interface ProviderSetting {
  readonly variable: 'SYMFACE_SERVING_PROVIDER' | 'SYMFACE_TRAINING_PROVIDER';
  /** What this machine does there: "this machine cannot `does` cuda". */
  readonly does: 'serve on' | 'train on';
  readonly provider: string;
  /** As {@link tryProvider} takes it. */
  readonly entryPoint: string;
}

/**
 * Has a process try whether networks can compute there: what the machine lacks is to be known when the service starts, not
 * in the middle of its work.
 * @throws ConfigurationError naming the variable, what is lacking and where it is told what to do
 */
export async function requireProvider(setting: ProviderSetting): Promise<void> {
  const { variable, does, provider, entryPoint } = setting;
  // Every machine has it.
  if (provider === 'cpu') return;
  try {
    await tryProvider(entryPoint, provider);
  } catch (cause) {
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  ${variable}: this machine cannot ${does} ${provider}: ${reasonAgainst(cause)}. ` +
        `Install what it needs (docs/workers.md, "Providers"), or set ${variable}=cpu.`,
      { cause },
    );
  }
}
