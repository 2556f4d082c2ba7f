import { firstCentralColumn } from '../images/central-columns.js';
import { landmarkPoints, type Landmarks, mapLandmarks } from './landmarks.js';

/** The five landmarks of an aligned face as a backbone expects them, in pixels of its crop. */
export interface AlignmentTemplate {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly landmarks: Landmarks;
}

/** ArcFace's 112x112 template, used by InsightFace and the SymFace paper. */
export const arcFaceTemplate: AlignmentTemplate = {
  name: 'arcface-112',
  width: 112,
  height: 112,
  landmarks: {
    leftEye: { x: 38.2946, y: 51.6963 },
    rightEye: { x: 73.5318, y: 51.5014 },
    nose: { x: 56.0252, y: 71.7366 },
    leftMouthCorner: { x: 41.5493, y: 92.3655 },
    rightMouthCorner: { x: 70.7299, y: 92.2041 },
  },
};

/** dlib's face chip: 150x150 pixels, padding 0.25, as its ResNet recogniser was trained. */
export const dlibTemplate: AlignmentTemplate = {
  name: 'dlib-150',
  width: 150,
  height: 150,
  landmarks: {
    leftEye: { x: 47.55, y: 46.6 },
    rightEye: { x: 100.48, y: 46.6 },
    nose: { x: 74.0, y: 76.6 },
    leftMouthCorner: { x: 50.4, y: 103.0 },
    rightMouthCorner: { x: 97.6, y: 103.0 },
  },
};

/** ArcFace's template; for a narrower network (112x96) its middle columns. */
export function arcFaceColumns(width: number): AlignmentTemplate {
  if (width === arcFaceTemplate.width) return arcFaceTemplate;
  const first = firstCentralColumn(arcFaceTemplate.width, width);
  const landmarks = mapLandmarks(arcFaceTemplate.landmarks, ({ x, y }) => ({ x: x - first, y }));
  return { name: `arcface-112x${width}`, width, height: arcFaceTemplate.height, landmarks };
}

/** Whether both templates' crops show the same of a face; their names do not matter. */
export function isSameAlignment(a: AlignmentTemplate, b: AlignmentTemplate): boolean {
  const coordinatesOf = ({ landmarks }: AlignmentTemplate): readonly number[] =>
    landmarkPoints(landmarks).flatMap(({ x, y }) => [x, y]);
  const others = coordinatesOf(b);
  return (
    a.width === b.width &&
    a.height === b.height &&
    coordinatesOf(a).every((value, index) => value === others[index])
  );
}
