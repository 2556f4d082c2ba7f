import { basename } from 'node:path';
import type { IdentityFaces, IdentityFormat } from '../identity-format.js';
import {
  findInsightFaceRecords,
  indexPath,
  type InsightFaceRecords,
  keyOfRecordName,
  recordName,
} from '../insightface-records.js';

/** MXNet's RecordIO as InsightFace's training sets have it: `train.rec`, with `train.idx` beside it; aligned crops. */
export const insightfaceRecords = {
  name: 'insightface-records',
  shortName: 'recordio',
  takes: [],
  imageKind: 'aligned-crop',
  filesBeside: (path) => [indexPath(path)],
  open: async ({ path }) => facesOf(await findInsightFaceRecords(path)),
} as const satisfies IdentityFormat;

function facesOf({ path, keys, offsets, classes, classLabels }: InsightFaceRecords): IdentityFaces {
  const keyOf = (face: number): number => {
    const key = keys[face];
    if (key === undefined) throw new RangeError(`there is no face ${face}`);
    return key;
  };
  return {
    faceCount: keys.length,
    identities: classLabels.map(String),
    identityOf: (face) => classes[face] ?? 0,
    nameOf: (face) => recordName(keyOf(face)),
    faceNamed: (name) => {
      const key = keyOfRecordName(name);
      return key === undefined ? undefined : placeOf(key, keys);
    },
    locationOf: (face) => ({
      kind: 'record',
      path,
      key: keyOf(face),
      offset: offsets[face] ?? 0,
      label: classLabels[classes[face] ?? 0] ?? 0,
    }),
    remarks: remarksOn(basename(path), classLabels),
  };
}

/** The place of a number among ascending ones; undefined where it is not among them. */
function placeOf(wanted: number, ascending: Uint32Array): number | undefined {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted ? low : undefined;
}

/** What is said of labels that are not 0, 1, 2 and so on. */
function remarksOn(file: string, labels: readonly number[]): readonly string[] {
  const [first = 0, last = 0] = [labels[0], labels.at(-1)];
  if (first === 0 && last === labels.length - 1) return [];
  const gaps = last - first + 1 - labels.length;
  const withGaps = gaps === 0 ? 'without a gap' : `with ${gaps} left out`;
  return [
    `${file}: the labels ${first} to ${last}, ${withGaps}, are trained as the classes 0 to ${labels.length - 1} in their order`,
  ];
}
