import type { Face__Output } from '../../generated/symface/v1/Face.js';
import type { Landmarks__Output } from '../../generated/symface/v1/Landmarks.js';
import { html, type Html } from '../../training/report/html.js';
import { strokeText } from './stroke-text.js';

const BOX_COLOUR = '#ffd400';
/** The viewer's left is drawn green, the right red, the nose white, so that swapped landmarks are seen. */
const LEFT_COLOUR = '#00e676';
const RIGHT_COLOUR = '#ff5252';
const NOSE_COLOUR = '#ffffff';

const SMALLEST_LABEL_PIXELS = 12;

/** A face and what is written beside it. */
export interface LabelledFace {
  readonly face: Face__Output;
  /** Of characters that `strokeText` has. */
  readonly label: string;
}

/** An SVG as large as the photograph with every face's box, landmarks and label. */
export function faceOverlay(faces: readonly LabelledFace[], width: number, height: number): string {
  const content = faces.map((labelled) => [box(labelled.face), landmarks(labelled.face), plate(labelled)]);
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`
    .text;
}

/** Lines as thick as the face is large, so that they are seen at any zoom. */
function strokePixels(face: Face__Output): number {
  return Math.max(1.5, (face.box?.width ?? 0) / 80);
}

function box(face: Face__Output): Html | undefined {
  if (face.box === null) return undefined;
  const { x, y, width, height } = face.box;
  return html`<rect
    x="${x}"
    y="${y}"
    width="${width}"
    height="${height}"
    fill="none"
    stroke="${BOX_COLOUR}"
    stroke-width="${strokePixels(face)}"
  />`;
}

function landmarks(face: Face__Output): readonly (Html | undefined)[] {
  if (face.landmarks === null) return [];
  const radius = 1.5 * strokePixels(face);
  return colouredPoints(face.landmarks).map(([point, colour]) =>
    point === null
      ? undefined
      : html`<circle
          cx="${point.x}"
          cy="${point.y}"
          r="${radius}"
          fill="${colour}"
          stroke="#000"
          stroke-width="${radius / 4}"
        />`,
  );
}

function colouredPoints(points: Landmarks__Output) {
  return [
    [points.leftEye, LEFT_COLOUR],
    [points.rightEye, RIGHT_COLOUR],
    [points.nose, NOSE_COLOUR],
    [points.leftMouthCorner, LEFT_COLOUR],
    [points.rightMouthCorner, RIGHT_COLOUR],
  ] as const;
}

function plate({ face, label }: LabelledFace): Html | undefined {
  if (face.box === null) return undefined;
  const heightPixels = Math.max(SMALLEST_LABEL_PIXELS, face.box.width / 8);
  // Above the box, or inside where the box reaches the image's upper border.
  const y = Math.max(0, face.box.y - heightPixels);
  return strokeText(label, Math.max(0, face.box.x), y, heightPixels);
}
