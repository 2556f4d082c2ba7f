import type { JSX, ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { ChartFigure } from '../../figures/chart-figure.js';
import { type Chart as ChartDefinition, chartLabel } from '../../figures/charts/chart.js';
import { drawChart } from '../../figures/charts/draw-chart.js';
import { ChartDownloads } from './chart-downloads.js';
import { adoptFigureStyle } from './figure-style-sheet.js';

adoptFigureStyle();

export interface ChartProps {
  /** Kept (useMemo) while its data are the same: another one is drawn anew. */
  readonly chart: ChartDefinition;
  /** What stands between the drawing and the downloads: a handle. */
  readonly children?: ComponentChildren;
}

/** A chart as wide as its container, which tells a pointer the value beneath it, with downloads. */
export function Chart({ chart, children }: ChartProps): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    let drawnWidth = 0;
    const draw = (): void => {
      const width = Math.floor(element.clientWidth);
      if (width === 0 || width === drawnWidth) return;
      drawnWidth = width;
      element.replaceChildren(
        drawChart(chart, document, { width, isInteractive: true }) as unknown as SVGElement,
      );
    };
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [chart]);
  return (
    <ChartFigure
      chart={chart}
      tools={
        <>
          {children}
          <ChartDownloads chart={chart} />
        </>
      }
    >
      <div ref={holder} class="chart-holder" role="img" aria-label={chartLabel(chart)} />
    </ChartFigure>
  );
}
