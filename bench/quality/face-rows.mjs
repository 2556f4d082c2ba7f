/**
 * Measured faces as JSON lines, a face each, `FILE.jsonl`:
 *
 *     { set, identity, image, view, kind, parameters, facePixels, detailPixels?, hidden, quality, rho?, appearance, embedding, crop? }
 *
 * `quality` is the service's `FaceQuality`, `rho` its frontness (older files lack it); `embedding` has unit length, base64 of little-endian 32-bit numbers; `crop` is the number of the
 * aligned crop in `FILE.crops`, 112x112x3 bytes each. `facePixels` is the face's size in the photograph before it was made worse,
 * `detailPixels` and `hidden` what a degradation says of itself. Copies without a face are in `FILE.missed.jsonl`: { set, identity, image, view, kind, parameters }.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const cropSide = 112;
const cropBytes = cropSide * cropSide * 3;

/** @returns the faces of a file, their embeddings decoded */
export async function readFaces(file) {
  const faces = [];
  for await (const row of linesOf(file)) faces.push({ ...row, embedding: decodedEmbedding(row.embedding) });
  return faces;
}

/** @returns the copies in which no face was found */
export async function readMissed(file) {
  const missed = [];
  if (!existsSync(missedFile(file))) return missed;
  for await (const row of linesOf(missedFile(file))) missed.push(row);
  return missed;
}

/** Reads crops one at a time: all of them are more than memory may hold. @returns `{ read(number), close() }` */
export async function openCrops(file) {
  const handle = await open(cropsFile(file));
  const read = async (number) => {
    const pixels = new Uint8Array(cropBytes);
    const { bytesRead } = await handle.read(pixels, 0, cropBytes, number * cropBytes);
    if (bytesRead < cropBytes)
      throw new Error(`${cropsFile(file)} has no crop ${number}: measure the faces again`);
    return { width: cropSide, height: cropSide, pixels };
  };
  return { read, close: async () => handle.close() };
}

/** Writes faces as they come. @param keepsCrops whether there is a file of crops */
export function createFaceWriter(file, keepsCrops) {
  const faces = createWriteStream(file);
  const missed = createWriteStream(missedFile(file));
  const crops = keepsCrops ? createWriteStream(cropsFile(file)) : undefined;
  const counts = { faces: 0, missed: 0 };
  return {
    counts,
    async addFace({ crop, embedding, ...face }) {
      const number = counts.faces++;
      if (crops !== undefined) await write(crops, crop);
      const row = { ...face, embedding: encodedEmbedding(embedding), ...(crops && { crop: number }) };
      await write(faces, `${JSON.stringify(row)}\n`);
    },
    async addMissed(row) {
      counts.missed++;
      await write(missed, `${JSON.stringify(row)}\n`);
    },
    async close() {
      for (const stream of [faces, missed, crops]) {
        if (stream === undefined) continue;
        stream.end();
        await once(stream, 'close');
      }
    },
  };
}

/** The cosine of two unit vectors. */
export function dotProduct(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}

/** Lists by what a function says of each value, in the order in which they first come. */
export function groupedBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

async function write(stream, data) {
  if (!stream.write(data)) await once(stream, 'drain');
}

async function* linesOf(file) {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
    if (line !== '') yield JSON.parse(line);
}

function encodedEmbedding({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function decodedEmbedding(text) {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}

function missedFile(file) {
  return file.replace(/(?:\.jsonl)?$/u, '.missed.jsonl');
}

function cropsFile(file) {
  return file.replace(/(?:\.jsonl)?$/u, '.crops');
}
