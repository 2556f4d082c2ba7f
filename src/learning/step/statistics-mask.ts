import type { TrainingBatch } from '../sampler/training-batch.js';
import type { SymFaceOptions } from '../losses/sym-face.js';

/** [B] 1 for samples that a face loss's statistics are of, as `symFaceLoss` has them; halves may be left out. */
export function samplesThatCount(
  { sampleMask, rho }: Pick<TrainingBatch, 'sampleMask' | 'rho'>,
  statistics: SymFaceOptions['statistics'] = 'all',
): Float32Array {
  if (statistics === 'all') return sampleMask;
  const slots = rho.length;
  // Left halves come first, then the right ones.
  return sampleMask.map((mask, sample) => (sample < 2 * slots && (rho[sample % slots] ?? 0) > 0 ? 0 : mask));
}
