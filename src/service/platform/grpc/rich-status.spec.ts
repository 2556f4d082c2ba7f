import { describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { richStatus, statusReply } from './rich-status.js';
import { invalidField } from '../../../core/invalid-field.js';

/** The trailers as HTTP/2 has them, with 32 bytes for each: name, value and what the limits of header lists count besides. */
function trailerBytes(error: Failure): number {
  const { details, metadata } = statusReply(error);
  const binary = metadata.get('grpc-status-details-bin')[0] as Buffer;
  const base64 = Math.ceil(binary.length / 3) * 4;
  return encodeURIComponent(details).length + base64 + 3 * 64;
}

describe('a status', () => {
  it.each([
    ['a name', invalidField('name', `must be short, not ${'x'.repeat(400_000)}`)],
    ['a name of three bytes a letter', invalidField('name', '面'.repeat(50_000))],
    ['a name of four bytes a letter', invalidField('name', '🙂'.repeat(50_000))],
    [
      '100,000 unknown keys',
      new Failure(
        'MODEL_INVALID',
        'unknown keys',
        Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key_${index}`, 'x'.repeat(20)])),
        Array.from({ length: 100_000 }, (_, index) => ({ field: `key_${index}`, description: 'is unknown' })),
      ),
    ],
  ])('of %s fits into the trailers that clients take', (_, error) => {
    expect(trailerBytes(error)).toBeLessThan(8_192);
  });

  it('quotes nothing that a terminal would obey', () => {
    const name = '\u001B[31mred\u0007\r\u009B2J';
    const { details } = statusReply(new Failure('MODEL_INVALID', `the node ${name}\nis none`, { name }));
    expect(details).toBe('the node ?[31mred???2J\nis none');
    expect(JSON.stringify(richStatus(invalidField(name, name)))).not.toMatch(/\\u00(?:1b|07|9b)/iu);
  });

  it('keeps what is short, and cuts between letters', () => {
    expect(richStatus(invalidField('name', 'is missing')).message).toBe('name is missing.');
    expect(richStatus(new Failure('INVALID_ARGUMENT', '🙂'.repeat(1_000))).message).toBe(
      `${'🙂'.repeat(249)}…`,
    );
  });
});
