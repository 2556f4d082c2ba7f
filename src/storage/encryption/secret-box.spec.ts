import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DecryptionError, SecretBox } from './secret-box.js';
import { openTemplate, sealTemplate } from './sealed-records.js';

const key = new Uint8Array(32).fill(3);
const box = new SecretBox(key);
const plain = Buffer.from('a face');

describe('SecretBox', () => {
  it('opens what it sealed', () => {
    expect(Buffer.from(box.open(box.seal(plain, 'crop 1'), 'crop 1'))).toEqual(plain);
  });

  it('seals in the documented layout: version, nonce, ciphertext, tag', () => {
    const sealed = box.seal(plain, 'crop 1');
    expect(sealed[0]).toBe(1);
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13));
    decipher.setAAD(Buffer.from('crop 1'));
    decipher.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(13, -16)), decipher.final()])).toEqual(plain);
  });

  it('never seals the same way twice', () => {
    expect(box.seal(plain, 'crop 1')).not.toEqual(box.seal(plain, 'crop 1'));
  });

  it.each([
    { name: 'for another place', sealed: box.seal(plain, 'crop 2') },
    { name: 'with another key', sealed: new SecretBox(new Uint8Array(32)).seal(plain, 'crop 1') },
    { name: 'and cut short', sealed: box.seal(plain, 'crop 1').subarray(0, 20) },
    {
      name: 'in an unknown format',
      sealed: Buffer.concat([Uint8Array.of(9), box.seal(plain, 'crop 1').subarray(1)]),
    },
  ])('does not open what was sealed $name', ({ sealed }) => {
    expect(() => box.open(sealed, 'crop 1')).toThrow(DecryptionError);
  });

  it('notices every changed byte', () => {
    const sealed = box.seal(plain, 'crop 1');
    for (let index = 0; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => box.open(changed, 'crop 1'), `byte ${index}`).toThrow(DecryptionError);
    }
  });

  it('takes 32 bytes as its key, no less', () => {
    expect(() => new SecretBox(new Uint8Array(16))).toThrow(/32 bytes/u);
  });
});

describe('sealed templates', () => {
  it('keep every bit of the embedding', () => {
    const embedding = Float32Array.of(1 / 3, -0, 1e-40, 0.123_456_79);
    const sealed = sealTemplate(box, 'face', 'net-1', embedding);
    expect(openTemplate(box, 'face', 'net-1', sealed)).toEqual(embedding);
    expect(() => openTemplate(box, 'face', 'net-2', sealed)).toThrow(DecryptionError);
  });

  it('digests bytes by its key and the context, and not as anybody else could', () => {
    const bytes = Buffer.from('a photograph');
    const keyed = new SecretBox(Buffer.alloc(32, 1));
    const digest = keyed.digest(bytes, 'image a');
    const again = new SecretBox(Buffer.alloc(32, 1)).digest(bytes, 'image a');
    expect(Buffer.compare(digest, again)).toBe(0);
    const others = [
      keyed.digest(bytes, 'image b'),
      keyed.digest(Buffer.from('another photograph'), 'image a'),
      new SecretBox(Buffer.alloc(32, 2)).digest(bytes, 'image a'),
      // HMAC under the key of the seals, and a digest without one.
      createHmac('sha256', Buffer.alloc(32, 1)).update('image a\0').update(bytes).digest(),
      createHash('sha256').update(bytes).digest(),
    ];
    expect(new Set([digest, ...others].map((each) => Buffer.from(each).toString('hex'))).size).toBe(6);
  });
});
