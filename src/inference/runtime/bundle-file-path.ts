import { join } from 'node:path';

import type { StoredModelVersion } from '../../storage/models/model-registry.js';
import type { BundleFile } from '../../core/models/manifest.js';

/** The path of a file of a registered model. */
export function bundleFilePath(stored: StoredModelVersion, file: BundleFile): string {
  return join(stored.folder, file.fileName);
}
