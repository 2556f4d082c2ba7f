import type { JSX } from 'preact';

import type { Chart } from '../../figures/charts/chart.js';
import { chartCsv } from '../../figures/charts/chart-csv.js';
import { standaloneDrawing } from '../../figures/charts/standalone-drawing.js';
import { saveFile } from '../components/save-file.js';

/** CSS pixels; a file on its own is as wide as a page of a paper needs it. */
const fileWidth = 720;
/** Pixels of a PNG by CSS pixel: for print. */
const pixelRatio = 3;

/** Saves a chart as a file: SVG, PNG, or its values as CSV. */
export function ChartDownloads({ chart }: { readonly chart: Chart }): JSX.Element {
  const formats = {
    SVG: () => Promise.resolve(svgBlob(chart)),
    PNG: () => pngBlob(chart),
    CSV: () => Promise.resolve(new Blob([chartCsv(chart.table)], { type: 'text/csv' })),
  } as const;
  return (
    <div class="chart-downloads" role="group" aria-label={`Save “${chart.title}”`}>
      {Object.entries(formats).map(([format, blobOf]) => (
        <button
          key={format}
          type="button"
          onClick={() => {
            void blobOf().then((blob) => {
              saveFile(blob, `${fileName(chart.title)}.${format.toLowerCase()}`);
            });
          }}
        >
          {format}
        </button>
      ))}
    </div>
  );
}

function svgBlob(chart: Chart): Blob {
  return new Blob([standaloneDrawing(chart, document, fileWidth)], { type: 'image/svg+xml' });
}

async function pngBlob(chart: Chart): Promise<Blob> {
  const url = URL.createObjectURL(svgBlob(chart));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width * pixelRatio;
    canvas.height = image.height * pixelRatio;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('the browser made no PNG of the chart'));
        else resolve(blob);
      });
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Lower case, with hyphens between words. */
function fileName(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');
}
