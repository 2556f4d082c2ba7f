import { describe, expect, it } from 'vitest';
import { uniformGenerator } from '../../random/seeded-random.js';
import { calibrateBySubjects, type SubjectFace } from './subject-calibration.js';

const appearance = [0.5, 0.5];
const uniform = uniformGenerator(3);

/** A unit vector near the axis of a person, so that a person's faces are alike and strangers' are not. */
function faceOf(person: number, dimension = 64): Float32Array {
  const values = Float32Array.from({ length: dimension }, (_, axis) =>
    axis === person % dimension ? 1 : (uniform() - 0.5) * 0.2,
  );
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

function facesOf(persons: number, each: number, collection: string, from = 0): SubjectFace[] {
  return Array.from({ length: persons * each }, (_, index) => {
    const person = from + (index % persons);
    return { subject: `${collection}/${person}`, collection, appearance, embedding: faceOf(person) };
  });
}

describe('calibrateBySubjects', () => {
  it('counts pairs of two subjects of a collection, and finds thresholds at the rates that they support', () => {
    // Of 100 faces 4950 pairs, of which 50 of one person: 4900.
    const found = calibrateBySubjects(facesOf(50, 2, 'staff'));
    expect(found).toMatchObject({
      subjectCount: 50,
      faceCount: 100,
      impostorPairCount: 4900,
      suspectPairCount: 0,
    });
    expect(found.calibration?.thresholds.map(({ falseMatchRate }) => falseMatchRate)).toEqual([1e-1, 1e-2]);
    const [, strict] = found.calibration?.thresholds ?? [];
    // Strangers are near 0, a person's faces near 1.
    expect(strict?.similarityThreshold).toBeGreaterThan(0.1);
    expect(strict?.similarityThreshold).toBeLessThan(0.7);
  });

  it('compares nobody with a subject of another collection, who may be the same person', () => {
    // The same persons in both: of each 20 faces 190 pairs less 10.
    const found = calibrateBySubjects([...facesOf(10, 2, 'staff'), ...facesOf(10, 2, 'guests')]);
    expect(found).toMatchObject({ subjectCount: 20, impostorPairCount: 360, suspectPairCount: 0 });
  });

  it('says how many pairs of two subjects are of one person, as it seems', () => {
    const faces = facesOf(50, 2, 'staff');
    // Somebody is enrolled a second time: two faces beside two.
    const twice = facesOf(1, 2, 'staff', 7).map((face) => ({ ...face, subject: 'staff/again' }));
    expect(calibrateBySubjects([...faces, ...twice]).suspectPairCount).toBe(4);
  });

  it('finds nothing where no subject has two faces, or there are too few pairs', () => {
    const alone = calibrateBySubjects(facesOf(40, 1, 'staff'));
    expect([alone.calibration, alone.impostorPairCount]).toEqual([undefined, 780]);
    const few = calibrateBySubjects(facesOf(4, 2, 'staff'));
    expect([few.calibration, few.impostorPairCount]).toEqual([undefined, 24]);
    expect(calibrateBySubjects([])).toEqual({
      calibration: undefined,
      subjectCount: 0,
      faceCount: 0,
      impostorPairCount: 0,
      suspectPairCount: 0,
    });
  });
});
