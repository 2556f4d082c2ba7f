import { join } from 'node:path';

import type { StoredModelVersion } from '../../storage/models/model-registry.js';
import type { BundleFile } from '../../core/models/manifest.js';

/** Where a file of a stored model version lies. */
export function bundleFilePath(stored: StoredModelVersion, file: BundleFile): string {
  return join(stored.folder, file.fileName);
}
