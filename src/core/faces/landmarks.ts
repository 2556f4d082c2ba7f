/** A point in pixels, x to the right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An axis-aligned box in pixels; may reach over the image's border. */
export interface BoundingBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Five facial landmarks in pixels. Left and right are the viewer's (image) left and right, as in InsightFace
 * and the SymFace paper.
 */
export interface Landmarks {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly nose: Point;
  readonly leftMouthCorner: Point;
  readonly rightMouthCorner: Point;
}

/** The five points in the field's order: left eye, right eye, nose, left and right mouth corner. */
export function landmarkPoints(landmarks: Landmarks): readonly [Point, Point, Point, Point, Point] {
  const { leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner } = landmarks;
  return [leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner];
}

/** Inverse of {@link landmarkPoints}. */
export function landmarksFromPoints(points: readonly [Point, Point, Point, Point, Point]): Landmarks {
  const [leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner] = points;
  return { leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner };
}

/** Moves each point by the same rule. */
export function mapLandmarks(landmarks: Landmarks, move: (point: Point) => Point): Landmarks {
  return {
    leftEye: move(landmarks.leftEye),
    rightEye: move(landmarks.rightEye),
    nose: move(landmarks.nose),
    leftMouthCorner: move(landmarks.leftMouthCorner),
    rightMouthCorner: move(landmarks.rightMouthCorner),
  };
}

/**
 * The landmarks of a face as they lie in its mirror image, left and right being the viewer's again.
 * @param width of the image, whose columns x and `width - x` change places
 */
export function mirrorLandmarks(landmarks: Landmarks, width: number): Landmarks {
  const mirror = ({ x, y }: Point): Point => ({ x: width - x, y });
  return {
    leftEye: mirror(landmarks.rightEye),
    rightEye: mirror(landmarks.leftEye),
    nose: mirror(landmarks.nose),
    leftMouthCorner: mirror(landmarks.rightMouthCorner),
    rightMouthCorner: mirror(landmarks.leftMouthCorner),
  };
}

/** @param some of one face, at least one */
export function meanLandmarks(some: readonly Landmarks[]): Landmarks {
  const mean = (name: keyof Landmarks): Point => ({
    x: some.reduce((sum, landmarks) => sum + landmarks[name].x, 0) / some.length,
    y: some.reduce((sum, landmarks) => sum + landmarks[name].y, 0) / some.length,
  });
  return {
    leftEye: mean('leftEye'),
    rightEye: mean('rightEye'),
    nose: mean('nose'),
    leftMouthCorner: mean('leftMouthCorner'),
    rightMouthCorner: mean('rightMouthCorner'),
  };
}
