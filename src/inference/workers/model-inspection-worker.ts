/**
 * Entry point of a process that tries one untrusted model and ends: whatever the graph does to it, the gateway
 * and the inference workers do not notice.
 */
import { readFile } from 'node:fs/promises';

import { leaveSignalsToParent } from '../../core/concurrency/process-signals.js';
import { toRecord } from '../../core/failure-record.js';
import type { ModelManifest } from '../../core/models/manifest.js';
import { inspectModel } from '../inspect/inspect-model.js';
import type { ModelInspectionRequest, ModelInspectionResult } from './process-model-validator.js';

async function inspect(
  manifest: ModelManifest,
  graphPath: string,
  intraOpThreads: number,
): Promise<ModelInspectionResult> {
  try {
    const validation = await inspectModel(manifest, await readFile(graphPath), { intraOpThreads });
    return { kind: 'valid', validation };
  } catch (error) {
    return { kind: 'refused', error: toRecord(error) };
  }
}

process.once('message', ({ manifest, graphPath, intraOpThreads }: ModelInspectionRequest) => {
  void inspect(manifest, graphPath, intraOpThreads).then((result) => {
    process.send?.(result, () => process.exit(0));
  });
});
process.once('disconnect', () => process.exit(0));
leaveSignalsToParent();
