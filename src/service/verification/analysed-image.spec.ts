import { describe, expect, it } from 'vitest';
import { Failure, type FailureReason } from '../../core/failure.js';
import { analysedImage } from './analysed-image.js';

function thrownOf(error: Error): unknown {
  try {
    return analysedImage({ ok: false, error }, 'image_b');
  } catch (thrown) {
    return thrown;
  }
}

describe('analysedImage', () => {
  it('names the field of an image that is refused', () => {
    expect(thrownOf(new Failure('IMAGE_EMPTY', 'The image is empty.'))).toMatchObject({
      reason: 'IMAGE_EMPTY',
      metadata: { field: 'image_b' },
      fieldViolations: [{ field: 'image_b', description: 'The image is empty.' }],
    });
  });

  it.each<FailureReason>(['NO_WORKER', 'WORKER_LOST', 'SHUTTING_DOWN', 'CANCELLED', 'DEADLINE_EXCEEDED'])(
    'blames no field for %s',
    (reason) => {
      const failure = new Failure(reason, 'Try again later.', { retry_after_seconds: '1' });
      expect(thrownOf(failure)).toBe(failure);
    },
  );

  it('leaves a defect as it is', () => {
    const defect = new TypeError('x is not a function');
    expect(thrownOf(defect)).toBe(defect);
  });
});
