import { join } from 'node:path';

import type { StoredModelVersion } from '../../application/ports/model-registry.js';
import type { BundleFile } from '../../domain/model/manifest.js';

/** Where a file of a stored model version lies. */
export function bundleFilePath(stored: StoredModelVersion, file: BundleFile): string {
  return join(stored.folder, file.fileName);
}
