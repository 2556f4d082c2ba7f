import { createHash } from 'node:crypto';

import { Failure } from '../../../core/failure.js';
import type { BundleFile, ModelManifest } from '../../../core/models/manifest.js';
import { parseManifest } from '../../../storage/models/manifest-schema.js';
import type { Requester } from '../../access/caller.js';
import type { RegisteredModels } from './registered-models.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';
import type { ModelValidation, ModelValidator } from '../../../inference/workers/model-validator.js';

export interface ImportedModel {
  readonly stored: RegisteredModel;
  /** Whether the model is new; false where the same model was registered before. */
  readonly created: boolean;
  readonly validation: ModelValidation;
}

/** Takes a model of the operator's own into the registry; it serves once it is activated. */
export class ImportModel {
  constructor(
    private readonly validator: ModelValidator,
    private readonly registry: Pick<RegisteredModels, 'register'>,
  ) {}

  /**
   * @param manifestJson manifest as docs/models/manifest.md describes; the graph's `fileName` and `sha256` may be
   * left out, and a `sha256` that is given must be that of `graph`
   * @param graph bytes of the ONNX file
   * @throws Failure MODEL_INVALID
   */
  async execute(manifestJson: string, graph: Uint8Array, importer: Requester): Promise<ImportedModel> {
    const sha256 = createHash('sha256').update(graph).digest('hex');
    const manifest = parseManifest(withGraphFile(parseJson(manifestJson), sha256));
    const file = soleGraphOf(manifest);
    if (file.sha256 !== sha256) {
      const field =
        manifest.kind === 'backbone' ? 'manifest.graph.sha256' : 'manifest.graphs.detector.sha256';
      const description = `the graph that was sent has ${sha256}`;
      throw new Failure('MODEL_INVALID', `${field} is ${file.sha256}, but ${description}`, {}, [
        { field, description },
      ]);
    }
    const validation = await this.validator.validate(manifest, graph);
    const { stored, created } = await this.registry.register(
      manifest,
      new Map([[file.fileName, graph]]),
      importer,
    );
    if (!created) requireSameThreshold(stored, manifest);
    return { stored, created, validation };
  }
}

function parseJson(manifestJson: string): unknown {
  try {
    return JSON.parse(manifestJson);
  } catch (cause) {
    throw new Failure('MODEL_INVALID', 'the manifest is not JSON', {}, [], { cause });
  }
}

/** Completes the graph's entry; what the client gave stands, so that a wrong digest is seen. */
function withGraphFile(manifest: unknown, sha256: string): unknown {
  if (!isObject(manifest)) return manifest;
  if (manifest['kind'] === 'backbone') {
    return { ...manifest, graph: completed(manifest['graph'], { fileName: 'backbone.onnx', sha256 }) };
  }
  const graphs = manifest['graphs'] ?? {};
  if (manifest['kind'] !== 'detector' || !isObject(graphs)) return manifest;
  const detector = completed(graphs['detector'], { fileName: 'detector.onnx', sha256 });
  return { ...manifest, graphs: { ...graphs, detector } };
}

function completed(given: unknown, defaults: BundleFile): unknown {
  if (given === undefined) return defaults;
  return isObject(given) ? { ...defaults, ...given } : given;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function soleGraphOf(manifest: ModelManifest): BundleFile {
  if (manifest.kind === 'backbone') return manifest.graph;
  const { detector, ...others } = manifest.graphs;
  const otherCount = Object.keys(others).length;
  if (otherCount > 0) {
    const field = 'manifest.graphs';
    const description = `there are ${otherCount + 1} graphs; an import takes one, "detector"`;
    throw new Failure('MODEL_INVALID', description, {}, [{ field, description }]);
  }
  return detector;
}

/**
 * Refuses a second import with another threshold: a version is immutable and its threshold lies outside its contract,
 * so that the new one could only be ignored.
 */
function requireSameThreshold({ version }: RegisteredModel, imported: ModelManifest): void {
  const registered = version.manifest;
  if (registered.kind !== 'backbone' || imported.kind !== 'backbone') return;
  const before = registered.similarityThreshold?.similarity;
  const now = imported.similarityThreshold?.similarity;
  if (before === now) return;
  const field = 'manifest.similarityThreshold';
  const description =
    `this model is registered as ${version.id} with ${before ?? 'no threshold'} and versions do not change; ` +
    'give the other threshold in the Verify request';
  throw new Failure('MODEL_INVALID', description, { id: version.id }, [{ field, description }]);
}
