import { describe, expect, it } from 'vitest';

import type { Caller, Role } from '../access/caller.js';
import { readEmbedding, readProbe } from './embedding-fields.js';

const callerWith = (role: Role): Caller => ({ actor: 'apiKeys/1', tenant: 'default', role });
const embedding = { values: [3, 0, 4], modelVersion: 'net-1' };
const image = { content: Buffer.from('an image'), kind: 'IMAGE_KIND_UNSPECIFIED' } as const;

describe('readEmbedding', () => {
  it('takes it to unit length', () => {
    const read = readEmbedding(embedding, 'embedding', callerWith('device'));
    expect(read.modelVersion).toBe('net-1');
    expect([...read.values].map((value) => value.toFixed(6))).toEqual(['0.600000', '0.000000', '0.800000']);
  });

  it('takes it from whoever may answer for it', () => {
    expect(() => readEmbedding(embedding, 'embedding', callerWith('admin'))).not.toThrow();
    expect(() => readEmbedding(embedding, 'embedding', callerWith('client'))).toThrow(
      expect.objectContaining({
        reason: 'PERMISSION_DENIED',
        metadata: { needed_role: 'device', field: 'embedding' },
      }),
    );
  });

  it.each([
    [[1, Number.NaN, 0], 'must be finite'],
    [[1, Number.POSITIVE_INFINITY, 0], 'must be finite'],
    // Beyond single precision.
    [[1e39, 0, 0], 'must be finite'],
    [[0, 0, 0], 'must not all be 0'],
    [[], 'must not all be 0'],
  ])('refuses %j', (values, says) => {
    expect(() => readEmbedding({ ...embedding, values }, 'embeddings[2]', callerWith('device'))).toThrow(
      `embeddings[2].values ${says}`,
    );
  });

  it('refuses one of which nobody says what made it', () => {
    const unsaid = { ...embedding, modelVersion: '' };
    expect(() => readEmbedding(unsaid, 'embedding', callerWith('admin'))).toThrow(
      /embedding.model_version is missing/,
    );
  });
});

describe('readProbe', () => {
  it('reads the image or the embedding, not both', () => {
    const quality = null;
    const caller = callerWith('admin');
    expect(readProbe({ image, embedding: null, quality }, caller)).toMatchObject({ kind: 'photograph' });
    expect(readProbe({ image: null, embedding, quality }, caller)).toMatchObject({ modelVersion: 'net-1' });
    expect(() => readProbe({ image, embedding, quality }, caller)).toThrow(/instead of an image/);
    expect(() => readProbe({ image: null, embedding: null, quality }, caller)).toThrow(
      /image.content has no bytes/,
    );
  });

  it.each([
    ['minimum_utility', { minimumUtility: 50 }],
    ['minimum_detail_pixels', { minimumDetailPixels: 0 }],
  ])('refuses the %s of a face that nothing can be measured on', (field, minimum) => {
    const caller = callerWith('device');
    const quality = { allowLowQuality: false, ...minimum };
    expect(() => readProbe({ image: null, embedding, quality }, caller)).toThrow(
      `quality.${field} cannot be judged of an embedding: send the photograph, or leave it out.`,
    );
    expect(readProbe({ image, embedding: null, quality }, caller)).toMatchObject({ kind: 'photograph' });
    const allowed = { allowLowQuality: true };
    expect(readProbe({ image: null, embedding, quality: allowed }, caller)).toHaveProperty('values');
  });
});
