/** Photographs of ../shared/cases/detection that detectors got wrong; its README says what should come out. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SymFaceClient } from '../../src/client/symface-client.js';
import { intersectionOverUnion } from '../../src/core/faces/non-maximum-suppression.js';
import { sharedPath } from '../support/shared-data.js';
import { sharedService } from '../support/shared-servers.js';

const casesFolder = sharedPath('cases', 'detection');
const isThere = existsSync(casesFolder);
if (!isThere) console.log('skipped: detection cases need ../shared/cases/detection, which is absent');

/** From the ear or the cheek's edge to the other, from the hair, or the picture's border, to the chin; drawn by hand. */
const closeCrops = [
  { file: '002-1.5-300.jpg', face: { x: 46, y: 0, width: 222, height: 257 } },
  { file: '006-1-300.jpg', face: { x: 4, y: 10, width: 283, height: 386 } },
  { file: '017-1.5-1600.jpg', face: { x: 222, y: 0, width: 1156, height: 1267 } },
  { file: 'obama-1.2-x6.jpg', face: { x: 142, y: 95, width: 1444, height: 1893 } },
] as const;

describe.skipIf(!isThere)('detection cases', () => {
  let client: SymFaceClient;

  beforeAll(async () => {
    client = new SymFaceClient({ server: (await sharedService()).address, timeoutMs: 60_000 });
  });

  afterAll(() => {
    client.close();
  });

  it.each([
    ['upside down', 'obama-180.jpg'],
    ['turned by a quarter', 'obama-90.jpg'],
  ])('matches a photograph that is %s', async (_turn, file) => {
    const [turned, upright] = await Promise.all([
      readFile(sharedPath('cases', 'detection', file)),
      readFile(sharedPath('data', 'photos', 'obama2.jpg')),
    ]);
    const { matched, faceA } = await client.faceVerification.verify({
      imageA: { content: turned },
      imageB: { content: upright },
    });
    expect(matched).toBe(true);
    const degrees = Math.abs(faceA!.quality!.pose!.rollDegrees);
    expect(degrees).toBeGreaterThan(file === 'obama-180.jpg' ? 150 : 60);
  });

  it.each(closeCrops)('finds one face in $file, with its box around it', async ({ file, face }) => {
    const content = await readFile(sharedPath('cases', 'detection', file));
    const { faces } = await client.faceVerification.detectFaces({
      image: { content },
      faceSelection: 'FACE_SELECTION_ALL',
    });
    expect(faces).toHaveLength(1);
    const { box, landmarks } = faces[0]!;
    expect(intersectionOverUnion(box!, face)).toBeGreaterThan(0.5);
    expect(landmarks!.leftEye!.y).toBeLessThan(landmarks!.nose!.y);
    expect(landmarks!.nose!.y).toBeLessThan(landmarks!.leftMouthCorner!.y);
  });
});
