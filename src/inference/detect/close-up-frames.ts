import { CLOSE_UP_FACE_SHARE } from '../../core/faces/close-up-anchor.js';
import type { SimilarityTransform } from '../../core/faces/similarity-transform.js';
import type { InputSize } from './detector-outputs.js';

/** A close-up that is framed differently; the middle of the face is not quite the close-up's. */
interface CloseUpFrame {
  /** Above 1 the face is smaller in the close-up. */
  readonly scale: number;
  /** By which the face is turned anticlockwise in the close-up. */
  readonly rollDegrees: number;
  /** Of the close-up's sides, by which the middle moves to the right and down. */
  readonly across: number;
  readonly down: number;
}

/** How far a face that is taken for upright may be turned so that the next quarter is still farther. */
export const uprightRollsDegrees = [-20, 20];

/** As many to the left as to the right, clockwise as anticlockwise, so that their mean leans to no side. */
const steadyingFrames: readonly CloseUpFrame[] = [
  { scale: 0.92, rollDegrees: 5, across: 0.03, down: 0 },
  { scale: 1.08, rollDegrees: -5, across: -0.03, down: 0 },
  { scale: 0.96, rollDegrees: -8, across: 0, down: 0.03 },
  { scale: 1.12, rollDegrees: 8, across: 0, down: -0.03 },
  { scale: 1, rollDegrees: 3, across: -0.04, down: -0.02 },
  { scale: 1.05, rollDegrees: -3, across: 0.04, down: 0.02 },
  { scale: 0.88, rollDegrees: 0, across: 0.02, down: -0.04 },
  { scale: 1.16, rollDegrees: 0, across: -0.02, down: 0.04 },
];

/** How a face is shown again to the network that found it: half as large as the input, and smaller, turned and moved a little. */
const confirmingFrames: readonly CloseUpFrame[] = [
  { scale: 1, rollDegrees: 0, across: 0, down: 0 },
  { scale: 1.4, rollDegrees: 8, across: 0.015, down: -0.015 },
];

/** A view of a face, and how large its face is. */
export interface FramedView {
  readonly view: SimilarityTransform;
  /** The face's side over that of the view. */
  readonly faceShare: number;
}

/** The views in which a face is confirmed. */
export function confirmingViews(closeUp: SimilarityTransform, input: InputSize): readonly FramedView[] {
  return confirmingFrames.map((frame) => ({
    view: framed(closeUp, frame, input),
    faceShare: CLOSE_UP_FACE_SHARE / frame.scale,
  }));
}

/** The close-ups whose mean steadies what one shows. */
export function framesAround(closeUp: SimilarityTransform, input: InputSize): readonly SimilarityTransform[] {
  return steadyingFrames.map((frame) => framed(closeUp, frame, input));
}

/** The close-up turned around its middle. */
export function rolled(
  closeUp: SimilarityTransform,
  rollDegrees: number,
  input: InputSize,
): SimilarityTransform {
  return framed(closeUp, { scale: 1, rollDegrees, across: 0, down: 0 }, input);
}

/** @param closeUp where the close-up's points lie in the photograph */
function framed(
  { a, b, translationX, translationY }: SimilarityTransform,
  { scale, rollDegrees, across, down }: CloseUpFrame,
  { width, height }: InputSize,
): SimilarityTransform {
  const roll = (rollDegrees * Math.PI) / 180;
  const [cosine, sine] = [scale * Math.cos(roll), scale * Math.sin(roll)];
  const turned = { a: a * cosine - b * sine, b: a * sine + b * cosine };
  const [x, y] = [width / 2, height / 2];
  // The point of the close-up that becomes the middle.
  const [middleX, middleY] = [x + across * width, y + down * height];
  return {
    ...turned,
    translationX: a * middleX - b * middleY + translationX - (turned.a * x - turned.b * y),
    translationY: b * middleX + a * middleY + translationY - (turned.b * x + turned.a * y),
  };
}
