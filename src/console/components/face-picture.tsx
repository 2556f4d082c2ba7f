import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Face, Landmarks, Point } from '../generated/symface/v1/face_pb.js';

interface FacePictureProps {
  /** Address of the photograph. */
  readonly url: string;
  readonly alt: string;
  /** Of the upright photograph, in pixels, as the service answers it; 0 while it is not known. */
  readonly width: number;
  readonly height: number;
  /** Faces in pixels of that size. */
  readonly faces: readonly Face[];
  /** Index of the face that matters; the others are drawn faintly. */
  readonly chosen?: number | undefined;
}

/** A photograph with its faces' boxes and five landmarks; numbered from 1 where there are several. */
export function FacePicture({ url, alt, width, height, faces, chosen }: FacePictureProps): JSX.Element {
  const [unshown, setUnshown] = useState('');
  const isKnown = width > 0 && height > 0;
  return (
    <div class="face-picture">
      {unshown === url ? (
        <p class="image-input-hint muted">This browser cannot show photographs of this format.</p>
      ) : (
        <img
          src={url}
          alt={alt}
          onError={() => {
            setUnshown(url);
          }}
        />
      )}
      {isKnown && (
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {faces.map((face, index) => (
            <FaceMark
              key={index}
              face={face}
              number={faces.length > 1 ? index + 1 : undefined}
              isFaint={chosen !== undefined && chosen !== index}
              pixel={Math.max(width, height) / 400}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

interface FaceMarkProps {
  readonly face: Face;
  readonly number: number | undefined;
  readonly isFaint: boolean;
  /** About a pixel of the screen, in pixels of the photograph. */
  readonly pixel: number;
}

function FaceMark({ face: { box, landmarks }, number, isFaint, pixel }: FaceMarkProps): JSX.Element | null {
  if (box === undefined) return null;
  const { x, y, width, height } = box;
  return (
    <g class={isFaint ? 'face-mark face-mark-faint' : 'face-mark'}>
      <rect class="face-mark-halo" {...{ x, y, width, height }} />
      <rect {...{ x, y, width, height }} />
      {pointsOf(landmarks).map((point, index) => (
        <circle key={index} cx={point.x} cy={point.y} r={2.5 * pixel} />
      ))}
      {number !== undefined && (
        <text x={x} y={Math.max(y - 6 * pixel, 18 * pixel)} font-size={18 * pixel}>
          {number}
        </text>
      )}
    </g>
  );
}

function pointsOf(landmarks: Landmarks | undefined): readonly Point[] {
  if (landmarks === undefined) return [];
  const { leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner } = landmarks;
  return [leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner].filter((point) => point !== undefined);
}
