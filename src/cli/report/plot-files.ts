import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

import type { VerificationReport } from '../../core/protocols/verification-report.js';
import { svgFile } from '../../figures/static/static-chart.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';
import { errorCharts } from './benchmark-charts.js';

export type PlotFormat = 'svg' | 'png';

/** CSS pixels. */
const plotWidth = 640;
/** PNG plots are for print. */
const pixelsPerUnit = 3;

/**
 * Writes `roc`, `det` and `histogram` into a folder.
 * @param name of the model
 * @returns the paths
 * @throws CommandFailure where they cannot be written
 */
export async function writePlots(
  report: VerificationReport,
  name: string,
  folder: string,
  format: PlotFormat,
): Promise<readonly string[]> {
  const paths: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [chartName, chart] of Object.entries(errorCharts(report, name))) {
      const path = join(folder, `${chartName}.${format}`);
      const svg = svgFile(chart, plotWidth);
      await writeFile(path, format === 'svg' ? svg : await rasterised(svg));
      paths.push(path);
    }
  } catch (cause) {
    throw new CommandFailure(`Cannot write plots to ${folder} (${errorCode(cause)}).`, { cause });
  }
  return paths;
}

async function rasterised(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg), { density: 72 * pixelsPerUnit })
    .png()
    .toBuffer();
}
