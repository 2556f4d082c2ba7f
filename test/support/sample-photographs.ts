import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const demoFolder = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo/', import.meta.url));

/** Two photographs of two different people, one face each, cut from those that face-api's npm package ships. */
export interface SamplePhotographs {
  readonly one: string;
  readonly other: string;
}

/** Part of an image, as fractions of its size. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Writes the photographs into `folder`. */
export async function writeSamplePhotographs(folder: string): Promise<SamplePhotographs> {
  await mkdir(folder, { recursive: true });
  const [one, other] = await Promise.all([
    cut('sample3.jpg', { left: 0.52, top: 0.04, width: 0.21, height: 0.42 }, join(folder, 'one.jpg')),
    cut('sample6.jpg', { left: 0.05, top: 0.2, width: 0.28, height: 0.4 }, join(folder, 'other.jpg')),
  ]);
  return { one, other };
}

async function cut(sample: string, part: Part, file: string): Promise<string> {
  const photograph = sharp(join(demoFolder, sample));
  const { width, height } = await photograph.metadata();
  const region = {
    left: Math.round(part.left * width),
    top: Math.round(part.top * height),
    width: Math.round(part.width * width),
    height: Math.round(part.height * height),
  };
  await writeFile(file, await photograph.extract(region).jpeg({ quality: 95 }).toBuffer());
  return file;
}
