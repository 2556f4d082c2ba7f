import { join } from 'node:path';

import type { RegisteredModel } from '../../storage/models/model-registry.js';
import type { BundleFile } from '../../core/models/manifest.js';

/** The path of a file of a registered model. */
export function bundleFilePath(stored: RegisteredModel, file: BundleFile): string {
  return join(stored.folder, file.fileName);
}
