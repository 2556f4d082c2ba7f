import { describe, expect, it } from 'vitest';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { candidateLimit, withinLimit } from './candidate-limit.js';

function faces(count: number): DetectedFace[] {
  return Array.from({ length: count }, (_, index) => ({
    box: { x: 100 * index, y: 0, width: 1 + index, height: 10 },
    landmarks: arcFaceTemplate.landmarks,
    probability: 0.9,
  }));
}

describe('candidates of a crowd', () => {
  it('are all looked at where they may be faces that are described', () => {
    expect(withinLimit(faces(384), candidateLimit(256, undefined))).toHaveLength(384);
  });

  it('are refused before they are looked at where they are too many to be described', () => {
    const refused = (): unknown => withinLimit(faces(1_341), candidateLimit(256, undefined));
    expect(refused).toThrow(/1341 faces; at most 256/u);
  });

  it('are the largest of all where the largest is wanted', () => {
    const kept = withinLimit(
      faces(1_341),
      candidateLimit(256, ({ box }) => -box.width),
    );
    expect(kept).toHaveLength(128);
    expect(kept[0]?.box.width).toBe(1_341);
  });
});
