import { figureStyle } from '../../figures/figure-style.js';

const consoleStyle = `
.chart-holder { min-height: 10rem; }
.chart-downloads { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.25rem 0; font-size: 0.85rem; }
.chart-downloads button { padding: 0.1rem 0.6rem; border: 1px solid var(--line); border-radius: var(--radius); background: none; color: var(--muted); cursor: pointer; }
`;

let isAdopted = false;

/** Puts the style of charts on the page, once. A constructed sheet is no inline style to a content security policy. */
export function adoptFigureStyle(): void {
  if (isAdopted) return;
  isAdopted = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(figureStyle + consoleStyle);
  document.adoptedStyleSheets.push(sheet);
}
