import { figureStyle } from '../figure-style.js';

/** The style of a report's page. Its colours have the names, and are those, of the console's (src/console/styles/theme.css). */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --surface: light-dark(#ffffff, #1b2027);
  --surface-raised: light-dark(#eef1f5, #252c35);
  --line: light-dark(#d5dae1, #38414d);
  --text: light-dark(#1a1f27, #e8ebf0);
  --muted: light-dark(#55606e, #a3aebb);
  --good: light-dark(#1b6e3a, #6fd395);
  --good-ground: light-dark(#e3f4e9, #16331f);
  --bad: light-dark(#a8231d, #ff9d94);
  --bad-ground: light-dark(#fdeae8, #40191a);
}
body { box-sizing: border-box; max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; background: var(--surface); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 0.25rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.15rem; overflow-wrap: anywhere; }
h3 { margin: 1.25rem 0 0.5rem; font-size: 1rem; }
p { max-width: 46rem; }
pre { padding: 1rem; border-radius: 0.5rem; background: var(--surface-raised); overflow-x: auto; }
.subtitle { margin: 0 0 1.25rem; color: var(--muted); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 2rem 2.5rem; margin: 1.5rem 0; align-items: start; }
.key-figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(10rem, 46%), 1fr)); gap: 0.75rem; margin: 1.25rem 0; }
.key-figures > div { display: flex; flex-direction: column; padding: 0.6rem 0.9rem; border: 1px solid var(--line); border-radius: 0.5rem; }
.key-figures dt { order: -1; color: var(--muted); font-size: 0.85rem; }
.key-figures dd { margin: 0; font-variant-numeric: tabular-nums; }
.key-figures .value { font-size: 1.35rem; font-weight: 600; line-height: 1.3; }
.key-figures .note { color: var(--muted); font-size: 0.8rem; line-height: 1.3; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 1rem 0; font-size: 0.9rem; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.table-scroll {
  overflow-x: auto;
  background:
    linear-gradient(to right, var(--surface) 50%, transparent) left / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--surface) 50%, transparent) right / 2rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / 0.75rem 100% no-repeat,
    linear-gradient(to left, var(--line), transparent) right / 0.75rem 100% no-repeat;
}
table { border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.35rem 0.75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th { color: var(--muted); font-weight: 600; vertical-align: bottom; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
td.text { min-width: 6rem; }
.findings { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 0.75rem; margin: 1rem 0; padding: 0; list-style: none; }
.findings li { padding: 0.6rem 0.9rem; border: 1px solid var(--line); border-radius: 0.5rem; }
.findings p { margin: 0.25rem 0 0; }
.tag { display: inline-block; margin-right: 0.5rem; padding: 0 0.5rem; border-radius: 1rem; font-size: 0.85rem; }
.tag-good { background: var(--good-ground); color: var(--good); }
.tag-bad { background: var(--bad-ground); color: var(--bad); }
.pairs { display: flex; flex-wrap: wrap; gap: 1rem; }
.pair { margin: 0; text-align: center; }
.pair img { width: 100px; height: 100px; object-fit: cover; }
${figureStyle}
@media print { .chart-values { display: none; } .chart { break-inside: avoid; } }
`;
