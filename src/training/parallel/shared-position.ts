import type { ProcessGroup } from '../../learning/engines/process-group.js';
import type { TrainingPosition } from '../../learning/step/training-run.js';

/**
 * The position at which all processes go on: that of the first one's checkpoint.
 * @param own the first process's; undefined where it has none, and in the others
 */
export async function sharedPosition(
  own: TrainingPosition | undefined,
  processes: ProcessGroup,
): Promise<TrainingPosition | undefined> {
  const { epoch, batch, step } = own ?? { epoch: -1, batch: 0, step: 0 };
  const numbers = Float64Array.of(epoch, batch, step);
  await processes.share([numbers]);
  const [sharedEpoch = -1, sharedBatch = 0, sharedStep = 0] = numbers;
  return sharedEpoch < 0 ? undefined : { epoch: sharedEpoch, batch: sharedBatch, step: sharedStep };
}
