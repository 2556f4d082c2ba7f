import { dirname } from 'node:path';
import type { DatasetSource, VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import { readCfpProtocol } from './cfp-protocol.js';
import { readCrossLfwPairs } from './cross-age-pose-lfw.js';
import { readInsightFaceBin } from './insightface-bin.js';
import { readLfwPairs } from './lfw-pairs.js';
import { readPairsCsv } from './pairs-csv.js';

/** Reads a data set of any format. @throws Failure DATASET_INVALID */
export async function readDataset(source: DatasetSource): Promise<VerificationDataset> {
  const { path, imageKind } = source;
  const folder = source.imageFolder === '' ? dirname(path) : source.imageFolder;
  switch (source.format) {
    case 'insightface-bin':
      return readInsightFaceBin(path);
    case 'lfw-pairs':
      return readLfwPairs(path, folder, imageKind);
    case 'cross-lfw-pairs':
      return readCrossLfwPairs(path, folder, imageKind);
    case 'cfp-frontal-frontal':
      return readCfpProtocol(path, 'FF', imageKind);
    case 'cfp-frontal-profile':
      return readCfpProtocol(path, 'FP', imageKind);
    case 'pairs-csv':
      return readPairsCsv(path, folder, imageKind);
  }
}
