import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';

import type { Face__Output } from '../../generated/symface/v1/Face.js';
import type { Landmarks__Output } from '../../generated/symface/v1/Landmarks.js';
import { StrokeText } from './stroke-text.js';

const BOX_COLOUR = '#ffd400';
/** The viewer's left is drawn green, the right red, the nose white, so that swapped landmarks are seen. */
const LEFT_COLOUR = '#00e676';
const RIGHT_COLOUR = '#ff5252';
const NOSE_COLOUR = '#ffffff';

const SMALLEST_LABEL_PIXELS = 12;

/** A face and what is written beside it. */
export interface LabelledFace {
  readonly face: Face__Output;
  /** Of characters that `StrokeText` has. */
  readonly label: string;
}

/** An SVG as large as the photograph with every face's box, landmarks and label. */
export function faceOverlay(faces: readonly LabelledFace[], width: number, height: number): string {
  return renderToString(
    <svg xmlns="http://www.w3.org/2000/svg" width={width} height={height}>
      {faces.map((labelled) => (
        <>
          <FaceBox face={labelled.face} />
          <FaceLandmarks face={labelled.face} />
          <Plate {...labelled} />
        </>
      ))}
    </svg>,
  );
}

/** Lines as thick as the face is large, so that they are seen at any zoom. */
function strokePixels(face: Face__Output): number {
  return Math.max(1.5, (face.box?.width ?? 0) / 80);
}

function FaceBox({ face }: Pick<LabelledFace, 'face'>): JSX.Element | null {
  if (face.box === null) return null;
  const { x, y, width, height } = face.box;
  const lineWidth = strokePixels(face);
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      fill="none"
      stroke={BOX_COLOUR}
      stroke-width={lineWidth}
    />
  );
}

function FaceLandmarks({ face }: Pick<LabelledFace, 'face'>): JSX.Element | null {
  if (face.landmarks === null) return null;
  const radius = 1.5 * strokePixels(face);
  return (
    <>
      {colouredPoints(face.landmarks).map(([point, colour]) =>
        point === null ? null : (
          <circle
            cx={point.x}
            cy={point.y}
            r={radius}
            fill={colour}
            stroke="#000"
            stroke-width={radius / 4}
          />
        ),
      )}
    </>
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

function Plate({ face, label }: LabelledFace): JSX.Element | null {
  if (face.box === null) return null;
  const heightPixels = Math.max(SMALLEST_LABEL_PIXELS, face.box.width / 8);
  // Above the box, or inside where the box reaches the image's upper border.
  const y = Math.max(0, face.box.y - heightPixels);
  return <StrokeText text={label} x={Math.max(0, face.box.x)} y={y} heightPixels={heightPixels} />;
}
