import { describe, expect, it } from 'vitest';
import type { DetectedFace } from './face.js';
import { arcFaceTemplate } from './alignment-template.js';
import type { BoundingBox } from './landmarks.js';
import { intersectionOverUnion, suppressNested, suppressOverlaps } from './non-maximum-suppression.js';

const box = (x: number, y: number, width: number, height: number): BoundingBox => ({ x, y, width, height });
const face = (at: BoundingBox, probability: number): DetectedFace => ({
  box: at,
  landmarks: arcFaceTemplate.landmarks,
  probability,
});

describe('intersectionOverUnion', () => {
  it.each([
    ['the same box', box(3, 4, 10, 20), box(3, 4, 10, 20), 1],
    ['half of it', box(0, 0, 10, 10), box(0, 0, 10, 5), 0.5],
    ['25 shared of 175', box(0, 0, 10, 10), box(5, 5, 10, 10), 25 / 175],
    ['touching boxes', box(0, 0, 10, 10), box(10, 0, 10, 10), 0],
    ['boxes apart in both axes', box(0, 0, 10, 10), box(20, 30, 10, 10), 0],
    ['a box without area', box(5, 5, 0, 0), box(0, 0, 10, 10), 0],
    ['two boxes without area', box(5, 5, 0, 0), box(5, 5, 0, 0), 0],
  ])('of %s', (_, a, b, expected) => {
    expect(intersectionOverUnion(a, b)).toBeCloseTo(expected, 12);
    expect(intersectionOverUnion(b, a)).toBeCloseTo(expected, 12);
  });
});

describe('suppressOverlaps', () => {
  it('keeps the most probable of boxes that overlap, most probable first', () => {
    const best = face(box(0, 0, 10, 10), 0.9);
    const duplicate = face(box(1, 0, 10, 10), 0.8);
    const elsewhere = face(box(50, 0, 10, 10), 0.95);
    expect(suppressOverlaps([duplicate, best, elsewhere], 0.4)).toEqual([elsewhere, best]);
  });

  it('drops from the overlap on, not only above it', () => {
    const [a, b] = [face(box(0, 0, 10, 10), 0.9), face(box(0, 0, 10, 5), 0.8)];
    expect(suppressOverlaps([a, b], 0.5)).toEqual([a]);
    expect(suppressOverlaps([a, b], 0.51)).toEqual([a, b]);
  });

  it('lets a dropped box drop no other', () => {
    const chain = [0, 4, 8].map((x, index) => face(box(x, 0, 10, 10), 0.9 - index / 10));
    expect(suppressOverlaps(chain, 0.4)).toEqual([chain[0], chain[2]]);
  });

  it('keeps the order of equally probable faces, and takes none', () => {
    const [a, b] = [face(box(0, 0, 10, 10), 0.7), face(box(50, 0, 10, 10), 0.7)];
    expect(suppressOverlaps([b, a], 0.4)).toEqual([b, a]);
    expect(suppressOverlaps([], 0.4)).toEqual([]);
  });
});

describe('suppressNested', () => {
  const large = face(box(0, 0, 100, 100), 0.9);

  it('keeps the larger of a face and what lies inside it, whatever the overlap of both', () => {
    expect(suppressNested([face(box(10, 10, 20, 20), 0.8), large], 0.7)).toEqual([large]);
    expect(suppressNested([face(box(10, 10, 20, 20), 0.99), large], 0.7)).toEqual([large]);
  });

  it('keeps what lies inside a larger box that is less probable by more than 0.2', () => {
    const [left, right] = [face(box(5, 30, 40, 40), 0.95), face(box(55, 30, 40, 40), 0.9)];
    const both = face(box(0, 0, 100, 100), 0.6);
    expect(suppressNested([both, right, left], 0.7)).toEqual([left, right]);
  });

  it('keeps a face that lies inside by no more than the share', () => {
    const beside = face(box(50, 93, 10, 10), 0.8);
    expect(suppressNested([large, beside], 0.7)).toEqual([large, beside]);
    expect(suppressNested([large, beside], 0.69)).toEqual([large]);
  });
});
