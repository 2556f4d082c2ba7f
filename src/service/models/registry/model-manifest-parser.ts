import type { ModelManifest } from '../../../core/models/manifest.js';

/**
 * Checks a manifest that comes from outside.
 * @param value parsed JSON
 * @throws Failure MODEL_INVALID with one violation a wrong field
 */
export type ModelManifestParser = (value: unknown) => ModelManifest;
