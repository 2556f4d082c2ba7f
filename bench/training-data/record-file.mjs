/**
 * Synthetic training sets in InsightFace's layout (`train.rec`, `train.idx`) that are small on disk: the faces of an identity share a few
 * records, to which many lines of the index lead. Whoever reads them sees as many faces, offsets and labels as in a real set.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const magic = Buffer.from([0x0a, 0x23, 0xd7, 0xce]);
const linesAtATime = 65_536;

/**
 * @param path of the `.rec` file
 * @param faceCount N @param identityCount C, each with N / C faces
 * @param recordsPerIdentity records that an identity's faces share
 * @param picture encoded image by (identity, record of it); without the magic at a multiple of 4 bytes
 * @param bytesPerFace where a record begins that the set's face would have: the file is as long as a real one, and sparse. 0: one behind the
 *   other
 */
export function writeSharedRecords(
  path,
  { faceCount, identityCount, recordsPerIdentity, picture, bytesPerFace = 0 },
) {
  const records = openSync(path, 'w');
  const index = openSync(path.replace(/\.rec$/u, '.idx'), 'w');
  const rangeStart = faceCount + 1;
  const firstFaceOf = (identity) => 1 + Math.floor((identity * faceCount) / identityCount);
  let lines = [];
  const writeLine = (key, offset) => {
    if (lines.push(`${key}\t${offset}\n`) < linesAtATime) return;
    writeSync(index, lines.join(''));
    lines = [];
  };
  let end = 0;
  const append = (record) => {
    const offset = end;
    writeSync(records, record, 0, record.length, offset);
    end = offset + record.length;
    return offset;
  };
  writeLine(0, append(recordOf([rangeStart, rangeStart + identityCount])));
  for (let identity = 0; identity < identityCount; identity++) {
    const first = firstFaceOf(identity);
    end = Math.max(end, Math.ceil((first * bytesPerFace) / 4096) * 4096);
    const offsets = Array.from({ length: recordsPerIdentity }, (_, number) =>
      append(recordOf(identity, picture(identity, number))),
    );
    for (let face = first; face < firstFaceOf(identity + 1); face++)
      writeLine(face, offsets[face % recordsPerIdentity]);
  }
  for (let identity = 0; identity < identityCount; identity++)
    writeLine(rangeStart + identity, append(recordOf([firstFaceOf(identity), firstFaceOf(identity + 1)])));
  writeSync(index, lines.join(''));
  closeSync(records);
  closeSync(index);
}

/** @param labels one that is in the header, or several that follow it */
function recordOf(labels, content = Buffer.alloc(0)) {
  const list = Array.isArray(labels) ? labels : [];
  const length = 24 + 4 * list.length + content.length;
  const record = Buffer.alloc(8 + Math.ceil(length / 4) * 4);
  magic.copy(record);
  record.writeUInt32LE(length, 4);
  record.writeUInt32LE(list.length, 8);
  record.writeFloatLE(Array.isArray(labels) ? 0 : labels, 12);
  list.forEach((label, place) => record.writeFloatLE(label, 32 + 4 * place));
  content.copy(record, 32 + 4 * list.length);
  return record;
}
