import { basename } from 'node:path';
import { datasetFailure } from '../dataset-failure.js';
import { unreadable } from '../dataset-file.js';
import { wholeLines } from '../whole-lines.js';
import { parseLabelLine } from './label-lines.js';
import type { PhotographLabels } from './photograph-labels.js';

/** It is far above the line of a photograph of a crowd. */
export const maximumLabelLineBytes = 4 * 1024 * 1024;

/**
 * The photographs of a file of labels. Of two lines of one photograph the later counts. A last line that a kill cut short is left out.
 * @throws Failure DATASET_INVALID naming the file and the line
 */
export async function readLabels(path: string): Promise<readonly PhotographLabels[]> {
  const file = basename(path);
  const photographs = new Map<string, PhotographLabels>();
  try {
    for await (const { text, line } of wholeLines(path, maximumLabelLineBytes)) {
      const labels = parseLabelLine(text);
      if (labels === undefined)
        throw datasetFailure({ file, line }, 'holds no labels as "symface dataset label-faces" makes them');
      photographs.set(`${labels.set}/${labels.file}`, labels);
    }
  } catch (error) {
    if (error instanceof RangeError) throw datasetFailure({ file }, error.message, error);
    if (error instanceof Error && 'code' in error) throw unreadable(path, error);
    throw error;
  }
  return [...photographs.values()];
}
