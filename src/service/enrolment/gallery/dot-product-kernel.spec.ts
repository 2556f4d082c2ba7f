import { expect, it } from 'vitest';
import { blockBytes, ScanMemory } from './scan-memory.js';

it.each([16, 128, 512, 1040])(
  'multiplies rows of %i numbers as JavaScript does, the largest ones too',
  (stride) => {
    const memory = new ScanMemory();
    const [, block] = [memory.allocate(), memory.allocate()];
    const levels = Math.min(32_767, Math.floor((2 ** 31 - 1) / (127 * stride)));
    const rows = Math.floor(blockBytes / stride);
    const numbers = memory.numbers(block, 0, rows * stride);
    for (let at = 0; at < numbers.length; at++) numbers[at] = at < stride ? 127 : ((at * 7919) % 255) - 127;
    const probe = memory.probe(stride);
    for (const fill of [
      (): number => levels,
      (at: number): number => ((at * 104_729) % (2 * levels + 1)) - levels,
    ]) {
      for (let at = 0; at < stride; at++) probe[at] = fill(at);
      const expected = Array.from({ length: rows }, (_, row) =>
        probe.reduce((sum, value, at) => sum + value * (numbers[row * stride + at] ?? 0), 0),
      );
      expect([...memory.scan(block, rows, stride)]).toEqual(expected);
    }
  },
);
