import type { Point } from './landmarks.js';

/**
 * Rotation, uniform scale and translation in the plane, without reflection:
 * `x' = a x - b y + translationX`, `y' = b x + a y + translationY`.
 * `a = scale cos(rotation)`, `b = scale sin(rotation)`; with y down, a positive rotation is clockwise.
 */
export interface SimilarityTransform {
  readonly a: number;
  readonly b: number;
  readonly translationX: number;
  readonly translationY: number;
}

/** Spreads below this fraction of the squared coordinates are rounding errors of coincident points. */
const coincidenceTolerance = 1e-18;

/**
 * The similarity transform that minimises `sum |T(from_i) - to_i|^2`: Umeyama (1991) without reflection.
 *
 * In the plane a rotation with scale is linear in (a, b), so the normal equations of the centred points have the
 * closed form `a = sum(f . t) / sum|f|^2`, `b = sum(f x t) / sum|f|^2`, and no SVD is needed.
 *
 * @param from at least two points that do not coincide
 * @param to   as many points, paired by index
 * @throws RangeError where no transform is determined: fewer than two pairs, lengths that differ, coordinates that
 *   are not finite, or points that coincide or fit no rotation better than any other
 */
export function estimateSimilarityTransform(
  from: readonly Point[],
  to: readonly Point[],
): SimilarityTransform {
  if (from.length !== to.length || from.length < 2) {
    throw new RangeError(`needs two or more pairs of points, got ${from.length} and ${to.length}`);
  }
  const fromMean = meanOf(from);
  const toMean = meanOf(to);
  let fromSpread = 0;
  let toSpread = 0;
  let dot = 0;
  let cross = 0;
  from.forEach((point, index) => {
    const target = to[index] ?? toMean;
    const fx = point.x - fromMean.x;
    const fy = point.y - fromMean.y;
    const tx = target.x - toMean.x;
    const ty = target.y - toMean.y;
    fromSpread += fx * fx + fy * fy;
    toSpread += tx * tx + ty * ty;
    dot += fx * tx + fy * ty;
    cross += fx * ty - fy * tx;
  });
  if (!Number.isFinite(fromSpread + toSpread + dot + cross)) {
    throw new RangeError('the coordinates of the points must be finite');
  }
  if (coincide(fromSpread, fromMean) || coincide(toSpread, toMean)) {
    throw new RangeError('the points coincide, so they determine no rotation and scale');
  }
  // |dot + i cross| <= sqrt(fromSpread * toSpread); far below it, a mirrored figure cancels itself out.
  if (Math.hypot(dot, cross) <= 1e-12 * Math.sqrt(fromSpread * toSpread)) {
    throw new RangeError('the points fit every rotation equally badly');
  }
  const a = dot / fromSpread;
  const b = cross / fromSpread;
  return {
    a,
    b,
    translationX: toMean.x - (a * fromMean.x - b * fromMean.y),
    translationY: toMean.y - (b * fromMean.x + a * fromMean.y),
  };
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function coincide(spread: number, mean: Point): boolean {
  return spread <= coincidenceTolerance * (mean.x * mean.x + mean.y * mean.y);
}

/** The point that the transform takes a point to. */
export function applyTransform(transform: SimilarityTransform, point: Point): Point {
  const { a, b, translationX, translationY } = transform;
  return { x: a * point.x - b * point.y + translationX, y: b * point.x + a * point.y + translationY };
}

/**
 * The transform that takes every point back.
 * @throws RangeError where the scale is zero or not finite
 */
export function invertTransform(transform: SimilarityTransform): SimilarityTransform {
  const { a, b, translationX, translationY } = transform;
  const squaredScale = a * a + b * b;
  if (!(squaredScale > 0) || !Number.isFinite(squaredScale)) {
    throw new RangeError('a transform without a finite, positive scale has no inverse');
  }
  const inverseA = a / squaredScale;
  const inverseB = -b / squaredScale;
  return {
    a: inverseA,
    b: inverseB,
    translationX: -(inverseA * translationX - inverseB * translationY),
    translationY: -(inverseB * translationX + inverseA * translationY),
  };
}

/** Length of a transformed unit vector; above 1 enlarges. */
export function transformScale(transform: SimilarityTransform): number {
  return Math.hypot(transform.a, transform.b);
}

/** The rotation in (-pi, pi]; a positive one turns clockwise in the image, since y points down. */
export function transformRotationRadians(transform: SimilarityTransform): number {
  return Math.atan2(transform.b, transform.a);
}
