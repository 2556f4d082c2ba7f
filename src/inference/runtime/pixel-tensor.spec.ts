import { describe, expect, it } from 'vitest';

import { PixelTensorEncoder } from './pixel-tensor.js';

/** Two columns, one row: (10, 20, 30) and (40, 50, 60). */
const image = { width: 2, height: 1, pixels: Uint8Array.of(10, 20, 30, 40, 50, 60) };
const plain = { channelOrder: 'RGB', layout: 'NCHW', mean: [0, 0, 0], scale: [1, 1, 1] } as const;

describe('PixelTensorEncoder', () => {
  it('writes planes for NCHW and pixels for NHWC', () => {
    const planes = new PixelTensorEncoder(plain).encode([{ image, mirrored: false }]);
    expect(planes.dimensions).toEqual([1, 3, 1, 2]);
    expect([...planes.data]).toEqual([10, 40, 20, 50, 30, 60]);
    const pixels = new PixelTensorEncoder({ ...plain, layout: 'NHWC' }).encode([{ image, mirrored: false }]);
    expect(pixels.dimensions).toEqual([1, 1, 2, 3]);
    expect([...pixels.data]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it('subtracts the mean and divides by the scale of the channel as ordered', () => {
    const encoder = new PixelTensorEncoder({
      ...plain,
      channelOrder: 'BGR',
      mean: [30, 20, 10],
      scale: [2, 5, 10],
    });
    const { data } = encoder.encode([{ image, mirrored: false }]);
    expect([...data]).toEqual([0, 15, 0, 6, 0, 3]);
  });

  it('mirrors columns, and puts images one after another', () => {
    const { data, dimensions } = new PixelTensorEncoder(plain).encode([
      { image, mirrored: false },
      { image, mirrored: true },
    ]);
    expect(dimensions).toEqual([2, 3, 1, 2]);
    expect([...data]).toEqual([10, 40, 20, 50, 30, 60, 40, 10, 50, 20, 60, 30]);
  });

  it('refuses images of different sizes', () => {
    const taller = { width: 1, height: 2, pixels: new Uint8Array(6) };
    const encoder = new PixelTensorEncoder(plain);
    expect(() =>
      encoder.encode([
        { image, mirrored: false },
        { image: taller, mirrored: false },
      ]),
    ).toThrow(RangeError);
    expect(() => encoder.encode([])).toThrow(RangeError);
  });
});
