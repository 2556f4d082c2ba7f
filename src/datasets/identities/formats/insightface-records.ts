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

function facesOf({ path, keys, offsets, labels, classCount }: InsightFaceRecords): IdentityFaces {
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
    identities: Array.from({ length: classCount }, (_, label) => String(label)),
    identityOf: (face) => labels[face] ?? 0,
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
      label: labels[face] ?? 0,
    }),
  };
}
