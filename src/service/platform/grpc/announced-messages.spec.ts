import { describe, expect, it } from 'vitest';
import { AnnouncedMessages } from './announced-messages.js';

function message(bytes: number): Buffer {
  const framed = Buffer.alloc(5 + bytes);
  framed.writeUInt32BE(bytes, 1);
  return framed;
}

describe('AnnouncedMessages', () => {
  it('tells the size of a message with its first bytes, once', () => {
    const messages = new AnnouncedMessages();
    const whole = message(1_000_000);
    expect(messages.begunIn(whole.subarray(0, 100))).toEqual([1_000_005]);
    expect(messages.begunIn(whole.subarray(100))).toEqual([]);
    expect(messages.begunIn(message(7))).toEqual([12]);
  });

  it('finds messages wherever they are cut', () => {
    const request = Buffer.concat([message(3), message(0), message(400), message(12)]);
    for (let cut = 1; cut < 20; cut++) {
      const messages = new AnnouncedMessages();
      const sizes: number[] = [];
      for (let at = 0; at < request.length; at += cut)
        sizes.push(...messages.begunIn(request.subarray(at, at + cut)));
      expect(sizes, `in pieces of ${cut}`).toEqual([8, 5, 405, 17]);
    }
  });
});
