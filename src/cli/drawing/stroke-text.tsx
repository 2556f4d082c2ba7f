import type { JSX } from 'preact';

/**
 * The characters that numbers and ids of subjects need, lower case as upper case, as SVG paths in a box 4 wide and 6 high. Drawn as strokes since the machine may
 * have no fonts at all.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  '0': 'M0 0H4V6H0Z',
  '1': 'M1 1L2 0V6M1 6H3',
  '2': 'M0 0H4V3H0V6H4',
  '3': 'M0 0H4V6H0M1 3H4',
  '4': 'M0 0V3H4M4 0V6',
  '5': 'M4 0H0V3H4V6H0',
  '6': 'M4 0H0V6H4V3H0',
  '7': 'M0 0H4L1 6',
  '8': 'M0 0H4V6H0ZM0 3H4',
  '9': 'M4 3H0V0H4V6H0',
  '.': 'M2 5.6V6',
  '-': 'M0.5 3H3.5',
  _: 'M0 6H4',
  '+': 'M2 1.5V4.5M0.5 3H3.5',
  '~': 'M0 3.5L1 2.5L3 3.5L4 2.5',
  '@': 'M4 6H0V0H4V4H2V2H4',
  '?': 'M0 0H4V3H2V4M2 5.6V6',
  A: 'M0 6V2L2 0L4 2V6M0 4H4',
  B: 'M0 0H3L4 1V2L3 3L4 4V5L3 6H0ZM0 3H3',
  C: 'M4 0H0V6H4',
  D: 'M0 0H2.5L4 1.5V4.5L2.5 6H0Z',
  E: 'M4 0H0V6H4M0 3H3',
  F: 'M4 0H0V6M0 3H3',
  G: 'M4 0H0V6H4V3H2',
  H: 'M0 0V6M4 0V6M0 3H4',
  I: 'M1 0H3M2 0V6M1 6H3',
  J: 'M4 0V6H0V4',
  K: 'M0 0V6M4 0L0 3L4 6',
  L: 'M0 0V6H4',
  M: 'M0 6V0L2 3L4 0V6',
  N: 'M0 6V0L4 6V0',
  O: 'M1 0H3L4 1V5L3 6H1L0 5V1Z',
  P: 'M0 6V0H4V3H0',
  Q: 'M1 0H3L4 1V5L3 6H1L0 5V1ZM2.5 4.5L4 6',
  R: 'M0 6V0H4V3H0M2 3L4 6',
  S: 'M4 1L3 0H1L0 1V2L4 4V5L3 6H1L0 5',
  T: 'M0 0H4M2 0V6',
  U: 'M0 0V6H4V0',
  V: 'M0 0L2 6L4 0',
  W: 'M0 0V6L2 3L4 6V0',
  X: 'M0 0L4 6M4 0L0 6',
  Y: 'M0 0L2 3L4 0M2 3V6',
  Z: 'M0 0H4L0 6H4',
  ρ: 'M0 8V2H3.4V6H0',
  '=': 'M0.5 2.5H3.5M0.5 4.5H3.5',
  ' ': '',
};

const ADVANCE = 6;
const ASCENT = 6;
const DESCENT = 2;

/** Outer size of a text in pixels. */
function textSize(text: string, heightPixels: number): { readonly width: number; readonly height: number } {
  const scale = heightPixels / (ASCENT + DESCENT + 2);
  return { width: (text.length * ADVANCE + 2) * scale, height: heightPixels };
}

export interface StrokeTextProps {
  readonly text: string;
  /** The upper left corner of the plate. */
  readonly x: number;
  readonly y: number;
  readonly heightPixels: number;
}

/** SVG of a text on a dark plate; unknown characters stay blank. */
export function StrokeText({ text, x, y, heightPixels }: StrokeTextProps): JSX.Element {
  const { width, height } = textSize(text, heightPixels);
  const scale = heightPixels / (ASCENT + DESCENT + 2);
  return (
    <>
      <rect x={x} y={y} width={width} height={height} fill="#000" fill-opacity="0.7" />
      <g
        transform={`translate(${x + 2 * scale} ${y + scale}) scale(${scale})`}
        fill="none"
        stroke="#fff"
        stroke-width="0.9"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        {Array.from(text, (character, index) => {
          const path = GLYPHS[character] ?? GLYPHS[character.toUpperCase()] ?? '';
          return path === '' ? null : <path transform={`translate(${index * ADVANCE} 0)`} d={path} />;
        })}
      </g>
    </>
  );
}
