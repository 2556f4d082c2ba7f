import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';

import { sampleFace } from '../../../test/support/sample-face.js';
import type { Face__Output } from '../../generated/symface/v1/Face.js';
import { faceOverlay } from './face-overlay.js';
import { StrokeText } from './stroke-text.js';

const face = sampleFace as Face__Output;
const plateOf = (text: string): string =>
  renderToString(h(StrokeText, { text, x: 0, y: 0, heightPixels: 10 }));
const glyphsOf = (svg: string): number => svg.split('<path').length - 1;

describe('StrokeText', () => {
  it.each(Array.from('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._~@+-?=ρ'))(
    'has %s, which a label may hold',
    (character) => {
      expect(glyphsOf(plateOf(character))).toBe(1);
    },
  );

  it('leaves blank what it does not have', () => {
    expect(glyphsOf(plateOf('拜 '))).toBe(0);
  });
});

describe('faceOverlay', () => {
  it('writes the label of each face beside its box', () => {
    const svg = faceOverlay(
      [
        { face, label: '1 ada' },
        { face, label: '2 ?' },
      ],
      100,
      80,
    );
    expect(glyphsOf(svg)).toBe(4 + 2);
    // A box and a plate a face.
    expect(svg.split('<rect')).toHaveLength(5);
  });
});
