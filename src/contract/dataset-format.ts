import { DatasetFormat, type DatasetFormat__Output } from '../generated/symface/v1/DatasetFormat.js';

/**
 * The value of DatasetFormat that means a format of src/datasets/verification: `lfw-pairs` is DATASET_FORMAT_LFW_PAIRS.
 * @throws Error where the contract has none for it
 */
export function contractFormat(name: string): DatasetFormat__Output {
  const value = `DATASET_FORMAT_${name.toUpperCase().replaceAll('-', '_')}`;
  const found = Object.values(DatasetFormat).find((known) => known === value);
  if (found === undefined) throw new Error(`the contract has no ${value}`);
  return found;
}
