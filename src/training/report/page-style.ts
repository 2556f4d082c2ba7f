import { plotStyle } from './axes.js';

/** The style of pages with plots. */
export const pageStyle = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { background: #f4f6f8; padding: 1rem; overflow-x: auto; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; flex: 1 1 480px; }
svg { width: 100%; height: auto; } ${plotStyle}
table { border-collapse: collapse; } td, th { padding: 0.2rem 0.8rem; text-align: right; border-bottom: 1px solid #e3e7eb; }
.key b { display: inline-block; width: 0.8em; height: 0.8em; margin: 0 0.3em 0 1em; }
`;
