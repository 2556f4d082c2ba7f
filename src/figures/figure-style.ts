import { seriesColourStyle } from './charts/series-colours.js';

/**
 * The style of charts, in pages of one file and in the console alike. Colours that are not of series are the page's:
 * --surface, --line, --text, --muted.
 */
export const figureStyle = `
:root { ${seriesColourStyle} }
.chart { --chart-ground: var(--surface); margin: 0; min-width: 0; container-type: inline-size; color: var(--text); }
.chart figcaption { display: flex; flex-wrap: wrap; gap: 0.15rem 1rem; align-items: baseline; margin-bottom: 0.25rem; }
.chart-title { font-weight: 600; }
.chart-legend { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; margin: 0; padding: 0; list-style: none; font-size: 0.85rem; }
.chart-legend li { display: flex; gap: 0.35rem; align-items: center; overflow-wrap: anywhere; }
.chart-legend svg { flex: none; }
.chart-drawing { --plot-background: var(--chart-ground); display: block; max-width: 100%; height: auto; overflow: visible; }
.chart-drawing text, .chart-drawing tspan { white-space: pre; }
.chart-drawing-narrow { display: none; }
@container (max-width: 460px) { .chart-drawing-wide { display: none; } .chart-drawing-narrow { display: block; } }
.chart-values { font-size: 0.85rem; }
.chart-values summary { color: var(--muted); cursor: pointer; }
.chart-values .table-scroll { max-height: 20rem; overflow: auto; }
`;
