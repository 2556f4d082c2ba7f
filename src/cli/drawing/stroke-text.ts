import { html, type Html } from '../../training/report/html.js';

/**
 * The few characters that labels need, as SVG paths in a box 4 wide and 6 high. Drawn as strokes since the machine may
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

/** SVG of a text on a dark plate whose upper left corner is (x, y); unknown characters stay blank. */
export function strokeText(text: string, x: number, y: number, heightPixels: number): Html {
  const { width, height } = textSize(text, heightPixels);
  const scale = heightPixels / (ASCENT + DESCENT + 2);
  const glyphs = Array.from(text, (character, index) => {
    const path = GLYPHS[character] ?? '';
    return path === '' ? undefined : html`<path transform="translate(${index * ADVANCE} 0)" d="${path}" />`;
  });
  return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#000" fill-opacity="0.7" />
    <g
      transform="translate(${x + 2 * scale} ${y + scale}) scale(${scale})"
      fill="none"
      stroke="#fff"
      stroke-width="0.9"
      stroke-linecap="round"
      stroke-linejoin="round"
      >${glyphs}</g
    >`;
}
