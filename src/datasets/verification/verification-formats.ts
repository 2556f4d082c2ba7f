import { dirname } from 'node:path';

import type { DatasetSource, VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import { verificationFormatsByFile } from '../generated/verification-formats.js';
import type { VerificationFormat } from './verification-format.js';

/** Every layout of pairs that can be read: what the files of `formats/` define. */
export const VERIFICATION_FORMATS: readonly VerificationFormat[] = verificationFormatsByFile.flat();

/** Reads a data set of any format. @throws Failure DATASET_INVALID */
export async function readDataset({ format, ...source }: DatasetSource): Promise<VerificationDataset> {
  const found = VERIFICATION_FORMATS.find(({ name }) => name === format);
  if (found === undefined) throw new RangeError(`there is no format ${format}`);
  return found.read(source.imageFolder === '' ? { ...source, imageFolder: dirname(source.path) } : source);
}
