import type { TrainingEngine, TrainingState } from '../step/training-engine.js';
import type { TrainingSpec } from '../step/training-spec.js';
import { DeviceTrainingEngine } from './device/device-training-engine.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import { OrtTrainingEngine } from './ort-training-engine.js';
import type { ProcessGroup } from './process-group.js';

/**
 * Starts the compiled engine that is best where the provider computes: on a GPU, the one whose state stays there; on the
 * CPU, the one that descends in the host's memory, as it does for whatever needs gradients there, which are several processes, and
 * heads of which a step takes some classes.
 *
 * @throws RangeError where the spec is not possible, or not in that precision; otherwise as the engines do
 */
export async function startCompiledEngine(
  spec: TrainingSpec,
  state: TrainingState,
  options: OrtEngineOptions,
  processes?: ProcessGroup,
): Promise<TrainingEngine> {
  const { provider, precision = 'single' } = options;
  const needsHost = processes !== undefined || spec.sampledClasses !== undefined;
  if (precision === 'mixed' && needsHost)
    throw new RangeError(
      'precision: mixed: several processes, and heads of which a step takes some classes, are trained in single precision',
    );
  return needsHost || (provider === 'cpu' && precision === 'single')
    ? OrtTrainingEngine.start(spec, state, options, processes)
    : DeviceTrainingEngine.start(spec, state, options);
}
