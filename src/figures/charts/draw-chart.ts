import { plot } from '@observablehq/plot';

import type { Chart, ChartSpace } from './chart.js';

/** As much of a document as drawing needs; the browser's own, or linkedom's. */
export interface DrawingDocument {
  createElementNS: (namespace: string, name: string) => unknown;
}

/** As much of a drawing as one needs to place it. */
export interface Drawing {
  readonly outerHTML: string;
  setAttribute: (name: string, value: string) => void;
  querySelector: (selector: string) => { remove: () => void } | null;
}

/**
 * Draws a chart as an SVG element that belongs to `document`. It has neither a style element nor style attributes, so that
 * it may stand where a content security policy allows no inline style; chart-style.ts has what it needs instead.
 */
export function drawChart(
  { options }: Pick<Chart, 'options'>,
  document: DrawingDocument,
  space: ChartSpace,
): Drawing {
  const drawing = plot({
    ...options(space),
    // Plot's types name the DOM's, which this code is compiled without where it runs in Node.
    document: document as never,
    figure: false,
  }) as unknown as Drawing;
  drawing.querySelector('style')?.remove();
  // Whatever holds it has its name: linkedom would not escape one in an attribute as XML wants it.
  drawing.setAttribute('aria-hidden', 'true');
  drawing.setAttribute('font-size', '12');
  return drawing;
}
