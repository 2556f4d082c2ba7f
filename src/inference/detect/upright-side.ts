import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';
import { closeUpToPhotograph } from './close-up.js';
import { rolled, uprightRollsDegrees } from './close-up-frames.js';
import type { CloseUpViews, SeenFace } from './close-up-views.js';

/** What both views of a face say of its being one that needs no look from another side. */
const surelyUpright = 0.95;
/** A side is looked at closer where it says at most so much less than the one that the face was taken from. */
const rivalMargin = 0.25;
/** How much more another side must say, and at least. */
const turnedGain = 0.04;
const leastTurned = 0.75;

/**
 * Looks at the faces that are not surely upright from the other three sides too: a face that lies or is upside down passes for
 * an upright one now and then, but hardly ever for a surer one. Landmarks that are wrong about what is up are wrong about how far
 * the face is turned as well. So a side that says nearly as much as the first is looked at turned by 20 degrees to either hand too,
 * as is the first, and the most that each says is compared.
 * @param seen of each face from the side that it was taken from
 * @returns what is seen of each face, from the other side where that is the surer one
 */
export async function fromUprightSide(
  views: CloseUpViews,
  photograph: Photograph,
  faces: readonly DetectedFace[],
  seen: readonly (SeenFace | undefined)[],
): Promise<readonly (SeenFace | undefined)[]> {
  const upright = [...seen];
  const doubtful = faces.flatMap((face, index) =>
    probabilityOf(seen[index]) < surelyUpright ? [{ face, index }] : [],
  );
  const closeUps = doubtful.flatMap(({ face }) =>
    [1, 2, 3].map((turns) => closeUpToPhotograph(face, views.input, turns)),
  );
  const sides = await views.of(photograph, closeUps);
  for (const [place, { face, index }] of doubtful.entries()) {
    const others = sides.slice(3 * place, 3 * place + 3);
    upright[index] = await surestSide(views, photograph, face, [seen[index], ...others]);
  }
  return upright;
}

/** @param sides what is seen from each, by quarter turns */
async function surestSide(
  views: CloseUpViews,
  photograph: Photograph,
  face: DetectedFace,
  sides: readonly (SeenFace | undefined)[],
): Promise<SeenFace | undefined> {
  const [own] = sides;
  const rivals = [1, 2, 3].filter((turns) => {
    const probability = probabilityOf(sides[turns]);
    return probability > 0 && probability >= probabilityOf(own) - rivalMargin;
  });
  if (rivals.length === 0) return own;
  const closeUps = [0, ...rivals].flatMap((turns) =>
    uprightRollsDegrees.map((roll) =>
      rolled(closeUpToPhotograph(face, views.input, turns), roll, views.input),
    ),
  );
  const rolls = await views.of(photograph, closeUps);
  const surestOf = (turns: number, place: number): SeenFace | undefined =>
    surer([sides[turns], ...rolls.slice(2 * place, 2 * place + 2)]);
  const toBeat = Math.max(leastTurned, probabilityOf(surestOf(0, 0)) + turnedGain);
  const surest = surer(rivals.map((turns, index) => surestOf(turns, index + 1)));
  return probabilityOf(surest) >= toBeat ? surest : own;
}

function surer(some: readonly (SeenFace | undefined)[]): SeenFace | undefined {
  return some.toSorted((a, b) => probabilityOf(b) - probabilityOf(a))[0];
}

function probabilityOf(seen: SeenFace | undefined): number {
  return seen?.face.probability ?? 0;
}
