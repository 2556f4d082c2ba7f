import { parseHTML } from 'linkedom';
import type { JSX } from 'preact';

import { ChartFigure } from '../chart-figure.js';
import { type Chart, chartLabel } from '../charts/chart.js';
import { drawChart, type DrawingDocument } from '../charts/draw-chart.js';
import { standaloneDrawing } from '../charts/standalone-drawing.js';

/** A document to draw in where there is no browser. */
const drawingDocument: DrawingDocument = parseHTML('<!doctype html><html><body></body></html>').document;

/** CSS pixels. A drawing that shrinks makes its text too small to read; a page shows the one that has room. */
const widths = { wide: 560, narrow: 340 } as const;

/** A chart in a page without scripts, drawn twice: for screens and for phones. */
export function StaticChart({ chart }: { readonly chart: Chart }): JSX.Element {
  return (
    <ChartFigure chart={chart}>
      {(['wide', 'narrow'] as const).map((size) => (
        <div
          key={size}
          class={`chart-drawing-${size}`}
          role="img"
          aria-label={chartLabel(chart)}
          dangerouslySetInnerHTML={{ __html: drawnText(chart, size) }}
        />
      ))}
    </ChartFigure>
  );
}

function drawnText(chart: Chart, size: keyof typeof widths): string {
  return drawChart(chart, drawingDocument, { width: widths[size], isInteractive: false }).outerHTML;
}

/** A chart as an SVG file. @param width CSS pixels */
export function svgFile(chart: Chart, width: number): string {
  return standaloneDrawing(chart, drawingDocument, width);
}
