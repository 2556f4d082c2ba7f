import type { Canvas } from './canvas.js';
import type { Draws } from './draws.js';

/** What a byte becomes, for red, green and blue. */
export type Tone = readonly [Uint8ClampedArray, Uint8ClampedArray, Uint8ClampedArray];

export interface ToneDrawing {
  /** Below 1 brightens the dark parts. */
  readonly gamma: number;
  readonly contrast: number;
  /** Factors of red, green and blue. */
  readonly gains: readonly [number, number, number];
  /** Added, in bytes. */
  readonly offset: number;
}

/** Light, exposure and white balance of a photograph. */
export function drawTone(draws: Draws): ToneDrawing {
  const gain = draws.logBetween(0.6, 1.5);
  const cast = draws.chance(0.5) ? 0.06 : 0.2;
  return {
    gamma: draws.logBetween(0.6, 1.7),
    contrast: draws.logBetween(0.55, 1.5),
    gains: [
      gain * (1 + cast * draws.normal()),
      gain * (1 + (cast / 2) * draws.normal()),
      gain * (1 + cast * draws.normal()),
    ],
    offset: 12 * draws.normal(),
  };
}

/** Too little light: dark and flat; the noise comes after. */
export function drawLowLight(draws: Draws): ToneDrawing {
  const gain = draws.logBetween(0.16, 0.5);
  const warm = draws.between(-0.15, 0.3);
  return {
    gamma: draws.between(0.7, 1.3),
    contrast: draws.between(0.75, 1),
    gains: [gain * (1 + warm), gain, gain * (1 - warm)],
    offset: draws.between(0, 12),
  };
}

export function toneTables({ gamma, contrast, gains, offset }: ToneDrawing): Tone {
  const table = (gain: number): Uint8ClampedArray =>
    Uint8ClampedArray.from({ length: 256 }, (_, value) => {
      const shaped = 0.5 + contrast * ((value / 255) ** gamma - 0.5);
      return 255 * gain * shaped + offset;
    });
  return [table(Math.max(0, gains[0])), table(Math.max(0, gains[1])), table(Math.max(0, gains[2]))];
}

export function applyTone({ pixels }: Canvas, [red, green, blue]: Tone): void {
  for (let index = 0; index < pixels.length; index += 3) {
    pixels[index] = red[pixels[index] ?? 0] ?? 0;
    pixels[index + 1] = green[pixels[index + 1] ?? 0] ?? 0;
    pixels[index + 2] = blue[pixels[index + 2] ?? 0] ?? 0;
  }
}

/** The distance of each pixel from its luma (Rec. 601) times a factor: 0 is grey. */
export function saturate({ pixels }: Canvas, factor: number): void {
  for (let index = 0; index < pixels.length; index += 3) {
    const [red, green, blue] = [pixels[index] ?? 0, pixels[index + 1] ?? 0, pixels[index + 2] ?? 0];
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    pixels[index] = luma + factor * (red - luma);
    pixels[index + 1] = luma + factor * (green - luma);
    pixels[index + 2] = luma + factor * (blue - luma);
  }
}
