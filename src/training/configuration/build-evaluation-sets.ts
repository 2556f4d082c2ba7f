import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import { openHeldOutFaces } from '../data/held-out-faces.js';
import type { DataLoader } from '../data/data-loader.js';
import type { DataLoaderConfig } from '../data/data-loader-options.js';
import { type EvaluationSet, loadBenchmark, loadHeldOut } from '../evaluation/evaluation-set.js';
import type { LocatedConfiguration } from './training-configuration.js';

/**
 * The protocols that a configuration measures networks on, with their faces in memory.
 * @param data of the configuration: says which identities are held out
 * @throws Failure DATASET_INVALID naming what cannot be used
 */
export async function buildEvaluationSets(
  { configuration, pathOf }: LocatedConfiguration,
  dataConfig: DataLoaderConfig,
  data: DataLoader,
  alignment: AlignmentTemplate,
): Promise<readonly EvaluationSet[]> {
  const { benchmarks, heldOutPairs, halves } = configuration.evaluate;
  const sets: EvaluationSet[] = [];
  if (data.heldOutIdentities.length > 1 && heldOutPairs > 0) {
    const heldOut = await openHeldOutFaces(dataConfig, data.heldOutIdentities);
    // Always the same pairs, whatever the run's seed: runs are compared on them.
    sets.push(await loadHeldOut(heldOut, heldOutPairs, 1, alignment));
  }
  for (const benchmark of benchmarks) sets.push(await loadBenchmark(benchmark, pathOf, alignment));
  return sets.map((set) => ({ ...set, halves }));
}
