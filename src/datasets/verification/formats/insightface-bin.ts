import { basename } from 'node:path';
import type { VerificationDataset } from '../../../core/protocols/benchmark-dataset.js';
import { datasetFailure } from '../../dataset-failure.js';
import { readDatasetFile } from '../../dataset-file.js';
import { NumpyArray, PickleTuple, type PickleValue } from '../pickle-values.js';
import { PickleError } from '../pickle-machine.js';
import { readPickle } from '../restricted-pickle.js';
import type { VerificationFormat } from '../verification-format.js';

/** The protocol's folds. */
const foldCount = 10;
/** What Node reads at once; the largest in use have a hundred megabytes. */
const maximumBytes = 2 ** 31 - 1;

export const insightfaceBin = {
  name: 'insightface-bin',
  shortName: 'bin',
  takesImageFolder: false,
  read: ({ path }) => readInsightFaceBin(path),
} as const satisfies VerificationFormat;

/**
 * InsightFace's validation files (`lfw.bin`, `cfp_fp.bin` …): a pickle of (encoded images, [same?]), where images 2i and
 * 2i + 1 are pair i, aligned to 112x112. Persons are not named in them.
 * @throws Failure DATASET_INVALID naming the file and the entry or byte
 */
export async function readInsightFaceBin(path: string): Promise<VerificationDataset> {
  const file = basename(path);
  const bytes = await readDatasetFile(path, maximumBytes);
  const [images, labels] = partsOf(file, parse(file, bytes));
  const encoded = images.map((image, entry) => imageBytes(file, entry, image));
  const same = labels.map((label, entry) => truth(file, entry, label));
  if (same.length === 0) throw datasetFailure({ file }, 'holds no pair');
  if (encoded.length !== same.length * 2) {
    const description = `holds ${encoded.length} images for ${same.length} pairs; two images a pair are expected`;
    throw datasetFailure({ file }, description);
  }
  return {
    kind: 'aligned-crop',
    images: encoded.map((_, entry) => ({ name: `entry ${entry}`, identity: undefined })),
    pairs: same.map((genuine, pair) => ({ first: 2 * pair, second: 2 * pair + 1, genuine })),
    foldCount: Math.min(foldCount, same.length),
    read: (entry) => {
      const image = encoded[entry];
      if (image === undefined) throw new RangeError(`there is no entry ${entry}`);
      return Promise.resolve(image);
    },
  };
}

function parse(file: string, bytes: Uint8Array): PickleValue {
  try {
    return readPickle(bytes);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw datasetFailure({ file, offset: error.offset }, `is no file of face pairs: ${error.message}`, error);
  }
}

function partsOf(file: string, value: PickleValue): [readonly PickleValue[], readonly PickleValue[]] {
  const parts = value instanceof PickleTuple ? value.items : Array.isArray(value) ? value : [];
  const [images, labels] = parts;
  const asList = (part: PickleValue | undefined): readonly PickleValue[] | undefined => {
    if (Array.isArray(part)) return part;
    // np.asarray of truth values, or a tuple of them.
    if (part instanceof NumpyArray && part.data !== undefined) return Array.from(part.data);
    return part instanceof PickleTuple ? part.items : undefined;
  };
  const [imageList, labelList] = [asList(images), asList(labels)];
  if (parts.length !== 2 || imageList === undefined || labelList === undefined) {
    throw datasetFailure({ file }, 'does not hold a list of images and a list of labels');
  }
  return [imageList, labelList];
}

function imageBytes(file: string, entry: number, image: PickleValue): Uint8Array {
  const bytes = image instanceof NumpyArray ? image.data : image;
  if (image instanceof NumpyArray && !/^[|<>=]?(?:u1|i1|B|b)$/u.test(image.elementType)) {
    throw datasetFailure({ file, entry }, `is an array of ${image.elementType}, not of bytes`);
  }
  if (!(bytes instanceof Uint8Array) || bytes.length === 0)
    throw datasetFailure({ file, entry }, 'is no image');
  return bytes;
}

function truth(file: string, entry: number, label: PickleValue): boolean {
  if (typeof label === 'boolean') return label;
  if (label === 0 || label === 1) return label === 1;
  throw datasetFailure({ file, entry }, 'has a label that is neither true nor false');
}
