import {
  type Landmarks,
  landmarkPoints,
  landmarksFromPoints,
  type Point,
} from '../../core/faces/landmarks.js';

/**
 * A snapshot of enrolled faces in one file, whose crops stay as encrypted as they are in the database:
 *
 *     magic                    8 bytes
 *     sealed crops             one after the other
 *     index                    a record of 80 bytes for each face
 *     identities               a byte each: 1 where it is held out
 *     trailer                  how many of both, where the index begins, SHA-256 of index and identities, magic
 *
 * All numbers are little-endian. The index comes last because it is known last: a snapshot is written in one pass.
 */
export const snapshotMagic = Buffer.from('SFFACES1', 'latin1');

/** A face in the index. */
export interface SnapshotRecord {
  readonly faceId: string;
  /** The number of the identity, from 0. */
  readonly identity: number;
  /** The offset of its sealed crop in the file, in bytes. */
  readonly offset: number;
  readonly byteLength: number;
  readonly rho: number;
  readonly landmarks: Landmarks;
}

export interface SnapshotTrailer {
  readonly faceCount: number;
  readonly identityCount: number;
  readonly indexOffset: number;
  /** The digest of the index and the identities. */
  readonly sha256: Uint8Array;
}

const place = { faceId: 0, identity: 16, offset: 20, byteLength: 28, rho: 32, landmarks: 40 };
const bytesOfCoordinate = Float32Array.BYTES_PER_ELEMENT;
const coordinates = 10;
export const recordBytes = place.landmarks + coordinates * bytesOfCoordinate;

export function encodeRecord(record: SnapshotRecord): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.write(record.faceId.replaceAll('-', ''), place.faceId, 'hex');
  bytes.writeUInt32LE(record.identity, place.identity);
  bytes.writeBigUInt64LE(BigInt(record.offset), place.offset);
  bytes.writeUInt32LE(record.byteLength, place.byteLength);
  bytes.writeDoubleLE(record.rho, place.rho);
  for (const [index, { x, y }] of landmarkPoints(record.landmarks).entries()) {
    bytes.writeFloatLE(x, place.landmarks + 2 * index * bytesOfCoordinate);
    bytes.writeFloatLE(y, place.landmarks + (2 * index + 1) * bytesOfCoordinate);
  }
  return bytes;
}

/** @param bytes of one record */
export function decodeRecord(bytes: Buffer): SnapshotRecord {
  const point = (index: number): Point => ({
    x: bytes.readFloatLE(place.landmarks + 2 * index * bytesOfCoordinate),
    y: bytes.readFloatLE(place.landmarks + (2 * index + 1) * bytesOfCoordinate),
  });
  return {
    faceId: bytes.toString('hex', place.faceId, place.identity).replace(uuidDigits, '$1-$2-$3-$4-$5'),
    identity: bytes.readUInt32LE(place.identity),
    offset: Number(bytes.readBigUInt64LE(place.offset)),
    byteLength: bytes.readUInt32LE(place.byteLength),
    rho: bytes.readDoubleLE(place.rho),
    landmarks: landmarksFromPoints([point(0), point(1), point(2), point(3), point(4)]),
  };
}

const uuidDigits = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/u;
const sha256Bytes = 32;
export const trailerBytes = 16 + sha256Bytes + snapshotMagic.length;

export function encodeTrailer({ faceCount, identityCount, indexOffset, sha256 }: SnapshotTrailer): Buffer {
  const bytes = Buffer.alloc(trailerBytes);
  bytes.writeUInt32LE(faceCount, 0);
  bytes.writeUInt32LE(identityCount, 4);
  bytes.writeBigUInt64LE(BigInt(indexOffset), 8);
  bytes.set(sha256, 16);
  bytes.set(snapshotMagic, 16 + sha256Bytes);
  return bytes;
}

/** Reads a trailer; undefined where the bytes are none. */
export function decodeTrailer(bytes: Buffer): SnapshotTrailer | undefined {
  if (bytes.length !== trailerBytes || !bytes.subarray(16 + sha256Bytes).equals(snapshotMagic))
    return undefined;
  return {
    faceCount: bytes.readUInt32LE(0),
    identityCount: bytes.readUInt32LE(4),
    indexOffset: Number(bytes.readBigUInt64LE(8)),
    sha256: bytes.subarray(16, 16 + sha256Bytes),
  };
}
