import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { greyImages } from '../../../test/support/grey-images.js';
import { runAgainst as run } from '../../../test/support/run-against.js';
import { sampleFace } from '../../../test/support/sample-face.js';

let folder: string;
let imageA: string;
let imageB: string;

beforeAll(async () => {
  ({ folder, imageA, imageB } = await greyImages());
});

afterAll(() => rm(folder, { recursive: true }));

describe('symface detect', () => {
  const detect = async (wanted: (includeCrops: boolean) => void): Promise<FakeAnswers> => {
    const crop = await sharp({ create: { width: 112, height: 112, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const crops = { alignedPng: crop, leftHalfPng: crop, rightHalfPng: crop };
    return {
      verification: {
        DetectFaces: ({ request }, done) => {
          wanted(request.includeCrops);
          const face = request.includeCrops ? { ...sampleFace, crops } : sampleFace;
          done(null, { faces: [face], imageWidth: 100, imageHeight: 80, detectorVersion: 'd' });
        },
      },
    };
  };

  it('draws box, landmarks and ρ on the photograph, and crops and halves beside it', async () => {
    const picture = join(folder, 'out.png');
    const answers = await detect((includeCrops) => {
      expect(includeCrops).toBe(true);
    });
    const { exitCode } = await run(answers, 'detect', imageA, '--draw', picture);
    expect(exitCode).toBe(0);
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBeGreaterThan(100 + 3 * 64);
    const pixel = (x: number, y: number) => [
      ...data.subarray((y * info.width + x) * info.channels).subarray(0, 3),
    ];
    const [red = 0, , blue = 255] = pixel(40, 60);
    expect(red - blue, 'the lower edge of the box is yellow').toBeGreaterThan(150);
    expect(pixel(5, 75)).toEqual([136, 136, 136]);
    expect(pixel(40, 38)).toEqual([255, 255, 255]);
    expect(pixel(110, 20)).toEqual([255, 0, 0]);
  });

  it('draws the photograph only with --no-halves', async () => {
    const picture = join(folder, 'out-plain.png');
    const answers = await detect((includeCrops) => {
      expect(includeCrops).toBe(false);
    });
    await run(answers, 'detect', imageA, '--draw', picture, '--no-halves');
    expect(await sharp(picture).metadata()).toMatchObject({ width: 100, height: 80 });
  });

  it('prints faces as JSON without crops', async () => {
    const { terminal } = await run(await detect(() => undefined), 'detect', imageA, '--json');
    expect(terminal.json).toMatchObject([{ file: imageA, imageWidth: 100, faces: [{ box: { x: 20 } }] }]);
    expect(JSON.stringify(terminal.json)).not.toContain('crops');
  });

  it('refuses to draw two images into one file', async () => {
    const { exitCode, terminal } = await run({}, 'detect', imageA, imageB, '--draw', 'x.png');
    expect(exitCode).toBe(2);
    expect(terminal.errLines[0]).toContain('--draw takes one image');
  });
});
