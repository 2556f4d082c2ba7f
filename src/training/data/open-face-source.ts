import { dirname, join } from 'node:path';
import type { IdentityDataset, TrainingDataFormat } from '../../core/protocols/benchmark-dataset.js';
import { readIdentityFolder } from '../../datasets/identities/identity-folder.js';
import { readIdentityList } from '../../datasets/identities/identity-list.js';
import {
  findInsightFaceRecords,
  keyOfRecordName,
  recordName,
} from '../../datasets/identities/insightface-records.js';
import { openSnapshot } from '../enrolled-faces/open-snapshot.js';
import type { TrainingDataLocation, TrainingFaceSource } from './training-face-source.js';

/** Lists the faces of a data set of any format. @throws Failure DATASET_INVALID naming what is wrong */
export async function openFaceSource(location: TrainingDataLocation): Promise<TrainingFaceSource> {
  const { format, path } = location;
  switch (format) {
    case 'identity-folder':
      return imageFiles(format, path, await readIdentityFolder(path, location.subfolder));
    case 'identity-list': {
      const folder = location.imageFolder ?? '';
      return imageFiles(format, folder === '' ? dirname(path) : folder, await readIdentityList(path, folder));
    }
    case 'insightface-records':
      return recordFile(path);
    case 'enrolled-faces':
      return openSnapshot(path);
  }
}

function imageFiles(
  format: TrainingDataFormat,
  folder: string,
  { images }: IdentityDataset,
): TrainingFaceSource {
  // Classes must not depend on the order of a list or of a folder's entries.
  const identities = [...new Set(images.map(({ identity }) => identity))].sort((a, b) => (a < b ? -1 : 1));
  const indexOf = new Map(identities.map((identity, index) => [identity, index]));
  const faceNamed = new Map(images.map(({ name }, face) => [name, face]));
  const image = (face: number): IdentityDataset['images'][number] => {
    const found = images[face];
    if (found === undefined) throw new RangeError(`there is no face ${face}`);
    return found;
  };
  return {
    format,
    faceCount: images.length,
    identities,
    identityOf: (face) => indexOf.get(image(face).identity) ?? 0,
    nameOf: (face) => image(face).name,
    faceNamed: (name) => faceNamed.get(name),
    locationOf: (face) => ({ kind: 'file', path: join(folder, image(face).name) }),
  };
}

async function recordFile(path: string): Promise<TrainingFaceSource> {
  const { keys, offsets, labels, classCount } = await findInsightFaceRecords(path);
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
    format: 'insightface-records',
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
