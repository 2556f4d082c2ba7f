import { basename } from 'node:path';
import type { IdentityFaces, IdentityFormat } from '../identity-format.js';
import {
  findInsightFaceRecords,
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
  open: async ({ path }) => facesOf(await findInsightFaceRecords(path)),
} as const satisfies IdentityFormat;

function facesOf({ path, keys, offsets, classes, classLabels }: InsightFaceRecords): IdentityFaces {
  const keyOf = (face: number): number => {
    const key = keys[face];
    if (key === undefined) throw new RangeError(`there is no face ${face}`);
    return key;
  };
  const faceOf = new Map<number, number>();
  const [firstKey = 0] = keys;
  // Faces are mostly all keys from the first on; a map of millions is spared then.
  const isRun = keys.at(-1) === firstKey + keys.length - 1;
  if (!isRun) keys.forEach((key, face) => faceOf.set(key, face));
  return {
    faceCount: keys.length,
    identities: classLabels.map(String),
    identityOf: (face) => classes[face] ?? 0,
    nameOf: (face) => recordName(keyOf(face)),
    faceNamed: (name) => {
      const key = keyOfRecordName(name);
      if (key === undefined) return undefined;
      const face = isRun ? key - firstKey : faceOf.get(key);
      return face !== undefined && face >= 0 && face < keys.length ? face : undefined;
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
