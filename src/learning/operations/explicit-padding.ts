/** Paddings of batch, height, width and channels, before and after. */
export type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * Pads a feature map with as many zeros on each side. tfjs' padding by a plain number miscounts where windows are
 * not square, and its 'same' puts the odd zero elsewhere than PyTorch and MXNet do.
 */
export function explicitPadding(padding: number): ExplicitPadding {
  return [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ];
}
