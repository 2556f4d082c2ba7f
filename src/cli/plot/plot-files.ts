import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';
import { plotFrame, plotStyle } from '../../training/report/axes.js';
import { html, Html } from '../../training/report/html.js';
import { detPlot, histogramPlot, rocPlot } from './verification-plots.js';

export type PlotFormat = 'svg' | 'png';

/** PNG plots are for print. */
const pixelsPerUnit = 3;

/**
 * Writes `roc`, `det` and `histogram` into a folder.
 * @returns the paths
 * @throws CommandFailure where they cannot be written
 */
export async function writePlots(
  report: VerificationReport,
  folder: string,
  format: PlotFormat,
): Promise<readonly string[]> {
  const plots = {
    roc: rocPlot(report.curve),
    det: detPlot(report.curve),
    histogram: histogramPlot(report.histogram),
  };
  const paths: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, svg] of Object.entries(plots)) {
      const path = join(folder, `${name}.${format}`);
      const background = html`${Html.style(plotStyle)}<rect width="100%" height="100%" fill="#fff" />`;
      const styled = svg.text.replace('>', `>${background.text}`);
      await writeFile(path, format === 'svg' ? styled : await rasterised(styled));
      paths.push(path);
    }
  } catch (cause) {
    throw new CommandFailure(`Cannot write plots to ${folder} (${errorCode(cause)}).`, { cause });
  }
  return paths;
}

async function rasterised(svg: string): Promise<Buffer> {
  const { width, height } = plotFrame;
  return sharp(Buffer.from(svg), { density: 72 * pixelsPerUnit })
    .resize(width * pixelsPerUnit, height * pixelsPerUnit)
    .png()
    .toBuffer();
}
