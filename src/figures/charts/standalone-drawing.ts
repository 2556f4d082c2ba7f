import type { Chart, LegendEntry } from './chart.js';
import { drawChart, type DrawingDocument } from './draw-chart.js';
import { textWidth } from './frame.js';
import { lightSeriesColours } from './series-colours.js';

/** As much of an element as building a drawing needs. */
interface DrawnElement {
  readonly outerHTML: string;
  textContent: string | null;
  setAttribute: (name: string, value: string) => void;
  append: (...children: readonly DrawnElement[]) => void;
}

const svgNamespace = 'http://www.w3.org/2000/svg';
const [titlePixels, legendRowPixels, edgePixels] = [30, 20, 12];
/** The text and the ground of a drawing on its own, whatever page it may come to stand on. */
const [ink, ground] = ['#1a1f27', '#ffffff'];

/**
 * A chart as an SVG file of its own: with its title and legend, in the colours of paper, without style sheets, which
 * many viewers do not know.
 * @param width CSS pixels
 */
export function standaloneDrawing(chart: Chart, document: DrawingDocument, width: number): string {
  const element = elementMaker(document);
  const drawing = drawChart(chart, document, { width, isInteractive: false }) as unknown as DrawnElement &
    SizedElement;
  const legend = legendRows(chart.legend, width - 2 * edgePixels);
  const top = edgePixels + titlePixels + legend.length * legendRowPixels;
  const drawnHeight = Number(drawing.getAttribute('height'));
  const height = top + drawnHeight + edgePixels;
  drawing.setAttribute('y', String(top));
  const page = element(
    'svg',
    {
      xmlns: svgNamespace,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
      fill: ink,
      color: ink,
    },
    [
      named(element('title', {}, []), chart.title),
      named(element('desc', {}, []), chart.description),
      element('rect', { width, height, fill: ground }, []),
      named(
        element('text', { x: edgePixels, y: edgePixels + 14, 'font-size': 14, 'font-weight': 600 }, []),
        chart.title,
      ),
      ...legend.flatMap((row, index) =>
        legendElements(row, edgePixels + titlePixels + index * legendRowPixels, element),
      ),
      drawing,
    ],
  );
  return coloured(page.outerHTML);
}

interface SizedElement {
  getAttribute: (name: string) => string | null;
}

type ElementMaker = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly DrawnElement[],
) => DrawnElement;

function elementMaker(document: DrawingDocument): ElementMaker {
  return (name, attributes, children) => {
    const element = document.createElementNS(svgNamespace, name) as DrawnElement;
    for (const [attribute, value] of Object.entries(attributes))
      element.setAttribute(attribute, String(value));
    element.append(...children);
    return element;
  };
}

function named(element: DrawnElement, words: string): DrawnElement {
  element.textContent = words;
  return element;
}

interface PlacedEntry extends LegendEntry {
  readonly x: number;
}

const signPixels = 26;

/** As many entries a row as there is room for. */
function legendRows(legend: readonly LegendEntry[], room: number): readonly (readonly PlacedEntry[])[] {
  const rows: PlacedEntry[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const entry of legend) {
    const width = signPixels + textWidth(entry.name) + 16;
    if (used + width > room) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push({ ...entry, x: edgePixels + used });
    used += width;
  }
  return rows;
}

function legendElements(
  row: readonly PlacedEntry[],
  top: number,
  element: ElementMaker,
): readonly DrawnElement[] {
  return row.flatMap(({ name, colour, sign, x }) => [
    sign === 'area'
      ? element(
          'rect',
          { x, y: top, width: 18, height: 12, fill: colour, 'fill-opacity': 0.5, stroke: colour },
          [],
        )
      : element(
          'line',
          {
            ...{ x1: x, x2: x + 18, y1: top + 6, y2: top + 6, stroke: colour, 'stroke-width': 2.5 },
            ...(sign === 'dashes' ? { 'stroke-dasharray': '6 3' } : {}),
          },
          [],
        ),
    named(element('text', { x: x + signPixels, y: top + 10 }, []), name),
  ]);
}

/** Colours in the place of CSS variables. */
function coloured(markup: string): string {
  return markup
    .replaceAll(/var\(--series-\d+\)/gu, (variable) => lightSeriesColours.get(variable) ?? ink)
    .replaceAll('var(--chart-ground)', ground)
    .replaceAll('currentColor', ink);
}
