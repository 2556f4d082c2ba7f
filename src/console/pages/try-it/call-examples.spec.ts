import { describe, expect, it } from 'vitest';
import { verifyExamples } from './call-examples.js';

const origin = 'http://127.0.0.1:8080';
const nothing = { isLargestFace: false, allowsLowQuality: false };
const codeOf = (...given: Parameters<typeof verifyExamples>) =>
  verifyExamples(...given).map(({ code }) => code);

describe('the examples of a call', () => {
  it('read a key where one is needed, and only there', () => {
    for (const code of codeOf(origin, true, nothing)) expect(code).toContain('SYMFACE_API_KEY');
    for (const code of codeOf(origin, false, nothing)) expect(code).not.toContain('KEY');
  });

  it('say what was chosen, in the language of each', () => {
    const [curl, typeScript, python] = codeOf(origin, false, {
      isLargestFace: true,
      allowsLowQuality: true,
      falseMatchRate: 1e-4,
    });
    expect(curl).toContain(
      ',"faceSelection":"FACE_SELECTION_LARGEST","quality":{"allowLowQuality":true},"falseMatchRate":0.0001}',
    );
    expect(typeScript).toContain("faceSelection: 'FACE_SELECTION_LARGEST',");
    expect(typeScript).toContain('quality: { allowLowQuality: true },');
    expect(python).toContain('"quality": {"allowLowQuality": True},');
  });
});
