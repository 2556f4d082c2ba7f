import type { DatasetSource, VerificationDataset } from '../../core/protocols/benchmark-dataset.js';

/**
 * A layout of pairs of images: every file of `formats/` exports one, or a list of them, under the file's name in camel
 * case. DatasetFormat of the contract has a value for each.
 */
export interface VerificationFormat {
  /** What training configurations and files of tags call it; `lfw-pairs` is DATASET_FORMAT_LFW_PAIRS. */
  readonly name: string;
  /** What `--format` calls it. */
  readonly shortName: string;
  /** Whether it names images that may lie elsewhere than beside its list. */
  readonly takesImageFolder: boolean;
  /**
   * @param source its `imageFolder` is that of the list where none was given
   * @throws Failure DATASET_INVALID naming the file and what is wrong in it
   */
  readonly read: (source: Omit<DatasetSource, 'format'>) => Promise<VerificationDataset>;
}
