import { describe, expect, it } from 'vitest';
import { frontnessReport } from './frontness-report.js';
import type { FacelessReason, TagSummary } from './image-tag.js';

const sha256 = '00';
const face = (rho: number): TagSummary => ({ sha256, rho, reason: undefined });
const faceless = (reason: FacelessReason): TagSummary => ({ sha256, rho: undefined, reason });

describe('frontnessReport', () => {
  it("counts the rows of the paper's Table 5, a face at τ as cross-posed", () => {
    // D = 0, 1, 2, 3, 5 px: ρ = 1, 1/2, 1/5, 1/10, 1/26.
    const { crossPosed, imageCount, faceCount } = frontnessReport(
      [1, 1 / 2, 1 / 5, 1 / 10, 1 / 26].map(face),
    );
    expect([imageCount, faceCount]).toEqual([5, 5]);
    expect(crossPosed).toEqual([
      { threshold: 0.05, count: 1, share: 0.2 },
      { threshold: 0.1, count: 2, share: 0.4 },
      { threshold: 0.2, count: 3, share: 0.6 },
      { threshold: 0.3, count: 3, share: 0.6 },
      { threshold: 0.4, count: 3, share: 0.6 },
    ]);
  });

  it('takes a face that was not found for ρ = 0, and leaves out what cannot be read', () => {
    const report = frontnessReport([
      face(0.9),
      face(0.35),
      face(0.07),
      faceless('FACE_NOT_FOUND'),
      faceless('IMAGE_UNREADABLE'),
      faceless('IMAGE_EMPTY'),
      faceless('IMAGE_UNREADABLE'),
    ]);
    expect(report.imageCount).toBe(7);
    expect(report.faceCount).toBe(3);
    expect(report.faceless).toEqual([
      { reason: 'FACE_NOT_FOUND', count: 1 },
      { reason: 'IMAGE_EMPTY', count: 1 },
      { reason: 'IMAGE_UNREADABLE', count: 2 },
    ]);
    // Of the four that could be read.
    expect(report.crossPosed.map(({ share }) => share)).toEqual([0.25, 0.5, 0.5, 0.5, 0.75]);
  });

  it('has no share where nothing could be read', () => {
    const { crossPosed } = frontnessReport([faceless('IMAGE_UNREADABLE')]);
    expect(crossPosed).toHaveLength(5);
    for (const { count, share } of crossPosed) {
      expect(count).toBe(0);
      expect(share).toBeNaN();
    }
  });
});
