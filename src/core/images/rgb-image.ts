/** An upright 8-bit RGB image, rows from the top, interleaved: `pixels[(y * width + x) * 3 + channel]`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}
