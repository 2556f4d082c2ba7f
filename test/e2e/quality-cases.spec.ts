/** Pairs of ../shared/cases/quality, each of two persons; its README says what should come out. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RemoteFailure } from '../../src/client/remote-failure.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { sharedPath } from '../support/shared-data.js';
import { sharedService } from '../support/shared-servers.js';

const isThere = existsSync(sharedPath('cases', 'quality'));
if (!isThere) console.log('skipped: quality cases need ../shared/cases/quality, which is absent');

const pairs = [
  { a: 'blur-7225.jpg', b: 'blur-7244.jpg', refusedAs: 'FACE_TOO_BLURRED' },
  { a: 'mask-7201.jpg', b: 'mask-7310.jpg', refusedAs: 'FACE_OCCLUDED' },
  { a: 'sharp-7225.jpg', b: 'sharp-7244.jpg', refusedAs: undefined },
  { a: 'sharp-7201.jpg', b: 'sharp-7310.jpg', refusedAs: undefined },
] as const;

describe.skipIf(!isThere)('quality cases', () => {
  let client: SymFaceClient;

  beforeAll(async () => {
    client = new SymFaceClient({ server: (await sharedService()).address, timeoutMs: 60_000 });
  });

  afterAll(() => {
    client.close();
  });

  async function verify(a: string, b: string, allowLowQuality: boolean) {
    const image = async (file: string) => ({ content: await readFile(sharedPath('cases', 'quality', file)) });
    const [imageA, imageB] = await Promise.all([image(a), image(b)]);
    return client.faceVerification.verify({ imageA, imageB, quality: { allowLowQuality } });
  }

  it.each(pairs)('refuses $a and $b as $refusedAs, or does not match them', async ({ a, b, refusedAs }) => {
    const answer = await verify(a, b, false).catch((error: unknown) => error);
    if (refusedAs === undefined) {
      expect(answer).toMatchObject({ matched: false, qualityFindings: [] });
    } else {
      expect(answer).toBeInstanceOf(RemoteFailure);
      expect((answer as RemoteFailure).reason).toBe(refusedAs);
    }
  });

  it.each(pairs)('does not match $a and $b where low quality is allowed', async ({ a, b, refusedAs }) => {
    const { matched, qualityFindings, threshold } = await verify(a, b, true);
    expect(matched).toBe(false);
    const reasons = [...new Set(qualityFindings.map(({ reason }) => reason))];
    expect(reasons).toEqual(refusedAs === undefined ? [] : [refusedAs]);
    expect(threshold?.falseMatchRate).toBeCloseTo(1e-3, 12);
  });

  it.each(pairs.filter(({ refusedAs }) => refusedAs !== undefined))(
    'enrols neither $a nor $b',
    async ({ a, b, refusedAs }) => {
      const images = await Promise.all(
        [a, b].map(async (file) => readFile(sharedPath('cases', 'quality', file))),
      );
      await client.enrollment.createCollection({ collectionId: `case-${a.slice(0, 4)}` });
      const { results } = await client.enrollment.enrollFaces({
        parent: `collections/case-${a.slice(0, 4)}/subjects/nobody`,
        images: images.map((content) => ({ content })),
        createSubject: true,
      });
      for (const { error } of results)
        expect(error?.message).toContain(refusedAs === 'FACE_OCCLUDED' ? 'hides' : 'blurred');
      expect(results).toHaveLength(2);
    },
  );
});
