import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

export interface GreyImages {
  /** To be removed afterwards. */
  readonly folder: string;
  readonly imageA: string;
  readonly imageB: string;
}

/** Writes two images of 100 x 80 grey pixels, a.png and b.png, into a folder of their own. */
export async function greyImages(): Promise<GreyImages> {
  const folder = await mkdtemp(join(tmpdir(), 'symface-cli-'));
  const [imageA, imageB] = [join(folder, 'a.png'), join(folder, 'b.png')];
  const png = await sharp({ create: { width: 100, height: 80, channels: 3, background: '#888' } })
    .png()
    .toBuffer();
  await Promise.all([imageA, imageB].map(async (path) => writeFile(path, png)));
  return { folder, imageA, imageB };
}
