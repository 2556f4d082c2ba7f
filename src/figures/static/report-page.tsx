import type { ComponentChildren, JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';

import type { Chart } from '../charts/chart.js';
import { reportStyle } from '../report/report-style.js';
import { StaticChart } from './static-chart.js';

export interface ReportPageProps {
  /** What kind of report it is: "Training". */
  readonly kind: string;
  /** What it is of. */
  readonly name: string;
  readonly subtitle?: string;
  readonly children: ComponentChildren;
}

/** One page with everything in it, as the text of an HTML file: no script, nothing fetched. */
export function reportPage(props: ReportPageProps): string {
  return `<!doctype html>\n${renderToString(<ReportPage {...props} />)}\n`;
}

function ReportPage({ kind, name, subtitle, children }: ReportPageProps): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${kind}: ${name}`}</title>
        <style dangerouslySetInnerHTML={{ __html: reportStyle }} />
      </head>
      <body>
        <main>
          <h1>
            {kind}: {name}
          </h1>
          {subtitle === undefined ? null : <p class="subtitle">{subtitle}</p>}
          {children}
        </main>
      </body>
    </html>
  );
}

/** Charts side by side where there is room. */
export function ChartGrid({ charts }: { readonly charts: readonly Chart[] }): JSX.Element {
  return (
    <div class="charts">
      {charts.map((chart) => (
        <StaticChart key={chart.title} chart={chart} />
      ))}
    </div>
  );
}
