import { open } from 'node:fs/promises';
import { basename } from 'node:path';

import { datasetFailure } from '../../src/datasets/dataset-failure.js';
import type { IdentityFaces, IdentityFormat } from '../../src/datasets/identities/identity-format.js';

/** A file in the archive. */
interface Member {
  /** IDENTITY/IMAGE */
  readonly name: string;
  readonly offset: number;
  readonly byteLength: number;
}

/** Of headers, and what contents are filled up to. */
const BLOCK_BYTES = 512;

/** A tar archive of images named IDENTITY/IMAGE, which is not unpacked: they are read where they lie in it. */
export const tarShard = {
  name: 'tar-shard',
  shortName: 'tar',
  takes: [],
  open: async ({ path }) => facesOf(path, await membersOf(path)),
} as const satisfies IdentityFormat;

async function membersOf(path: string): Promise<readonly Member[]> {
  const file = await open(path).catch((cause: unknown) => {
    throw datasetFailure({ file: basename(path) }, 'cannot be read', cause);
  });
  try {
    const members: Member[] = [];
    for (let offset = 0; ;) {
      const header = Buffer.alloc(BLOCK_BYTES);
      await file.read(header, 0, BLOCK_BYTES, offset);
      const name = header.toString('latin1', 0, 100).replace(/\0.*$/su, '');
      if (name === '') return members;
      const byteLength = Number.parseInt(header.toString('latin1', 124, 136), 8);
      if (!(byteLength >= 0)) throw datasetFailure({ file: basename(path), offset }, 'is no header of tar');
      const isFile = header[156] === 0x30; // "0"
      if (isFile) members.push({ name, offset: offset + BLOCK_BYTES, byteLength });
      offset += BLOCK_BYTES * (1 + Math.ceil(byteLength / BLOCK_BYTES));
    }
  } finally {
    await file.close();
  }
}

function facesOf(path: string, members: readonly Member[]): IdentityFaces {
  const file = basename(path);
  const identityNames = members.map(({ name }) => name.slice(0, Math.max(name.lastIndexOf('/'), 0)));
  const nameless = members[identityNames.indexOf('')];
  if (nameless !== undefined)
    throw datasetFailure({ file }, `holds ${nameless.name}; IDENTITY/IMAGE is expected`);
  if (members.length === 0) throw datasetFailure({ file }, 'holds no image');
  const identities = [...new Set(identityNames)].sort();
  const member = (face: number): Member => {
    const found = members[face];
    if (found === undefined) throw new RangeError(`there is no face ${face}`);
    return found;
  };
  const faceNamed = new Map(members.map(({ name }, face) => [name, face]));
  return {
    faceCount: members.length,
    identities,
    identityOf: (face) => identities.indexOf(identityNames[face] ?? ''),
    nameOf: (face) => member(face).name,
    faceNamed: (name) => faceNamed.get(name),
    locationOf: (face) => {
      const { offset, byteLength } = member(face);
      return { kind: 'range', path, offset, byteLength };
    },
  };
}
