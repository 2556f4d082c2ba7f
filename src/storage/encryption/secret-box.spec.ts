import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MasterKey } from './master-key.js';
import { DecryptionError, dataKeyOf, oneKey, SecretBox } from './secret-box.js';
import { digestImage, digestKeyOf, openTemplate, sealTemplate } from './sealed-records.js';

const key = new Uint8Array(32).fill(3);
const box = new SecretBox(oneKey(key));
const secondKey = new Uint8Array(32).fill(4);
/** After a rotation: 2 seals, both open. */
const rotated = new SecretBox({
  current: 2,
  keys: new Map([
    [1, key],
    [2, secondKey],
  ]),
});
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

  it('names the data key in what any but the first one seals: version, number, nonce, ciphertext, tag', () => {
    const sealed = rotated.seal(plain, 'crop 1');
    expect([...sealed.subarray(0, 5)]).toEqual([2, 0, 0, 0, 2]);
    expect(dataKeyOf(sealed)).toBe(2);
    const decipher = createDecipheriv('aes-256-gcm', secondKey, sealed.subarray(5, 17));
    decipher.setAAD(Buffer.from('crop 1'));
    decipher.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(17, -16)), decipher.final()])).toEqual(plain);
  });

  it('opens after a rotation what was sealed before it; before, it names the key that it lacks', () => {
    expect(Buffer.from(rotated.open(box.seal(plain, 'crop 1'), 'crop 1'))).toEqual(plain);
    expect(() => box.open(rotated.seal(plain, 'crop 1'), 'crop 1')).toThrow(/unknown data key, 2/u);
    expect(() => box.open(rotated.seal(plain, 'crop 1'), 'crop 1')).toThrow(DecryptionError);
  });

  it('never seals the same way twice', () => {
    expect(box.seal(plain, 'crop 1')).not.toEqual(box.seal(plain, 'crop 1'));
  });

  it.each([
    { name: 'for another place', sealed: box.seal(plain, 'crop 2') },
    { name: 'with another key', sealed: new SecretBox(oneKey(new Uint8Array(32))).seal(plain, 'crop 1') },
    { name: 'and cut short', sealed: box.seal(plain, 'crop 1').subarray(0, 20) },
    {
      name: 'in an unknown format',
      sealed: Buffer.concat([Uint8Array.of(9), box.seal(plain, 'crop 1').subarray(1)]),
    },
  ])('does not open what was sealed $name', ({ sealed }) => {
    expect(() => box.open(sealed, 'crop 1')).toThrow(DecryptionError);
  });

  it.each([
    { layout: 1, sealer: box },
    { layout: 2, sealer: rotated },
  ])('notices every changed byte of layout $layout', ({ sealer }) => {
    const sealed = sealer.seal(plain, 'crop 1');
    for (let index = 0; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => rotated.open(changed, 'crop 1'), `byte ${index}`).toThrow(DecryptionError);
    }
  });

  it('takes 32 bytes as its key, no less', () => {
    expect(() => new SecretBox(oneKey(new Uint8Array(16)))).toThrow(/32 bytes/u);
    expect(() => new SecretBox({ ...oneKey(key), current: 2 })).toThrow(/no data key 2/u);
  });
});

describe('sealed templates', () => {
  it('keep every bit of the embedding', () => {
    const embedding = Float32Array.of(1 / 3, -0, 1e-40, 0.123_456_79);
    const sealed = sealTemplate(box, 'face', 'net-1', embedding);
    expect(openTemplate(box, 'face', 'net-1', sealed)).toEqual(embedding);
    expect(() => openTemplate(box, 'face', 'net-2', sealed)).toThrow(DecryptionError);
  });

  it('have images digested by a key and the collection, and not as anybody else could', () => {
    const bytes = Buffer.from('a photograph');
    const [master, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const digest = digestImage(digestKeyOf(master), 'a', bytes);
    expect(Buffer.compare(digest, digestImage(digestKeyOf(Buffer.alloc(32, 1)), 'a', bytes))).toBe(0);
    // As it was before there were data keys.
    const former = createHmac('sha256', createHmac('sha256', master).update('symface digests').digest());
    expect(Buffer.compare(digest, former.update('image a\0').update(bytes).digest())).toBe(0);
    const others = [
      digestImage(digestKeyOf(master), 'b', bytes),
      digestImage(digestKeyOf(master), 'a', Buffer.from('another photograph')),
      digestImage(digestKeyOf(other), 'a', bytes),
      // HMAC under the key of the seals, and a digest without one.
      createHmac('sha256', master).update('image a\0').update(bytes).digest(),
      createHash('sha256').update(bytes).digest(),
    ];
    expect(new Set([digest, ...others].map((each) => Buffer.from(each).toString('hex'))).size).toBe(6);
  });
});

describe('MasterKey', () => {
  const master = new MasterKey(key);

  it('opens the data keys that it sealed, each under its number, and no others', () => {
    const sealed = master.sealDataKey(2, secondKey);
    expect(Buffer.from(master.openDataKey(2, sealed))).toEqual(Buffer.from(secondKey));
    expect(() => master.openDataKey(3, sealed)).toThrow(DecryptionError);
    expect(() => new MasterKey(secondKey).openDataKey(2, sealed)).toThrow(DecryptionError);
  });

  it('is told from others by an id that has nothing of the key', () => {
    expect(master.id).toMatch(/^[0-9a-f]{16}$/u);
    expect(new MasterKey(secondKey).id).not.toBe(master.id);
    expect(Buffer.from(key).toString('hex')).not.toContain(master.id);
  });
});
