/** MXNet's IRHeader: u32 flag, f32 label, u64 id, u64 id2; where flag > 0, as many f32 labels follow. */
const headerBytes = 24;
const floatBytes = 4;
/** InsightFace's records have up to two labels; some tools append landmarks. */
const maximumLabels = 64;

/** As many bytes of a record hold its labels. */
export const labelledBytes = headerBytes + maximumLabels * floatBytes;

/** A record as MXNet packs images. */
export interface ImageRecord {
  /** The labels, at least one. */
  readonly labels: readonly number[];
  /** What `labels` came from: 0 for the header's own label, else how many follow it. */
  readonly flag: number;
  /** The encoded image; empty in records that describe others */
  readonly content: Buffer;
}

/** @throws RangeError saying what is wrong with the record, as the end of a sentence */
export function parseImageRecord(bytes: Buffer): ImageRecord {
  if (bytes.length < headerBytes)
    throw new RangeError(`has ${bytes.length} bytes, fewer than a record's header`);
  const flag = bytes.readUInt32LE(0);
  if (flag > maximumLabels) throw new RangeError(`has ${flag} labels; at most ${maximumLabels} are read`);
  const contentStart = headerBytes + flag * floatBytes;
  if (bytes.length < contentStart) throw new RangeError(`ends within its ${flag} labels`);
  const labels =
    flag === 0
      ? [bytes.readFloatLE(4)]
      : Array.from({ length: flag }, (_, index) => bytes.readFloatLE(headerBytes + index * floatBytes));
  return { labels, flag, content: bytes.subarray(contentStart) };
}
