import { writeFile } from 'node:fs/promises';

const magic = Buffer.from([0x0a, 0x23, 0xd7, 0xce]);

/** Data as one record of MXNet's RecordIO: cut into parts where it holds the magic at a multiple of 4 bytes. */
export function recordOf(data: Uint8Array): Buffer {
  const bytes = Buffer.from(data);
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    if (!bytes.subarray(at, at + 4).equals(magic)) continue;
    parts.push(bytes.subarray(start, at));
    start = at + 4;
  }
  parts.push(bytes.subarray(start));
  return Buffer.concat(
    parts.map((part, index) => {
      const isLast = index === parts.length - 1;
      return partOf(part, parts.length === 1 ? 0 : index === 0 ? 1 : isLast ? 3 : 2);
    }),
  );
}

/** One part; `kind` 0: a whole record, 1: its beginning, 2: a middle, 3: its end. */
export function partOf(data: Uint8Array, kind: number): Buffer {
  const header = Buffer.alloc(8);
  magic.copy(header);
  header.writeUInt32LE(((kind << 29) | data.length) >>> 0, 4);
  return Buffer.concat([header, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

/** An image as MXNet packs it; several labels follow the header, one is in it. */
export function imageRecord(labels: number | readonly number[], content: Uint8Array, id = 0): Buffer {
  const list = typeof labels === 'number' ? [] : labels;
  const header = Buffer.alloc(24 + 4 * list.length);
  header.writeUInt32LE(list.length, 0);
  header.writeFloatLE(typeof labels === 'number' ? labels : 0, 4);
  header.writeBigUInt64LE(BigInt(id), 8);
  list.forEach((label, index) => header.writeFloatLE(label, 24 + 4 * index));
  return Buffer.concat([header, content]);
}

/** Writes `NAME.rec` and `NAME.idx` with the keys 0, 1, … @param path of the `.rec` file */
export async function writeRecords(path: string, records: readonly Uint8Array[]): Promise<void> {
  const offsets: number[] = [];
  let size = 0;
  const chunks = records.map((data) => {
    const record = recordOf(data);
    offsets.push(size);
    size += record.length;
    return record;
  });
  await writeFile(path, Buffer.concat(chunks));
  const lines = offsets.map((offset, key) => `${key}\t${offset}\n`);
  await writeFile(path.replace(/\.rec$/u, '.idx'), lines.join(''));
}

/** As InsightFace lays its training sets out: record 0, the faces by identity, then the identities' ranges. */
export async function writeInsightFaceRecords(
  path: string,
  identities: readonly (readonly Uint8Array[])[],
): Promise<void> {
  const faces = identities.flatMap((images, label) => images.map((image) => imageRecord(label, image)));
  let next = 1;
  const ranges = identities.map(({ length }) => imageRecord([next, (next += length)], Buffer.alloc(0)));
  const end = faces.length + 1;
  const header = imageRecord([end, end + identities.length], Buffer.alloc(0));
  await writeRecords(path, [header, ...faces, ...ranges]);
}
