import type { TrainedOnPhotographs } from '../../core/models/manifest.js';
import type { DetectorConfiguration } from './detector-configuration.js';
import type { DetectorOrigin } from './detector-export.js';

const START = 'random weights';

/** What the manifest of a trained detector says of its training. @param steps that are done */
export function describeDetectorTraining(
  { name, license, seed, network }: DetectorConfiguration,
  steps: number,
  data: TrainedOnPhotographs,
): DetectorOrigin {
  return {
    name,
    license,
    source: `symface train ${name}: ${network.design} from ${START}, ${steps} steps, seed ${seed}`,
    training: { configuration: name, start: START, seeds: [seed], steps, data },
  };
}
