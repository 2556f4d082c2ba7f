import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RegisteredModel } from './model-registry.js';
import { bundleFilesOf } from '../../core/models/contract.js';
import type { BundleFile, ModelManifest } from '../../core/models/manifest.js';
import { Failure } from '../../core/failure.js';
import { sha256Hex } from './stored-version.js';

/**
 * Checks the bytes of a stored version against its manifest; to be called before it serves.
 * @returns the bytes by file name
 * @throws Failure MODEL_INVALID naming the file that is missing or altered
 */
export async function verifyBundle(stored: RegisteredModel): Promise<ReadonlyMap<string, Uint8Array>> {
  const { id, manifest } = stored.version;
  const files = new Map<string, Uint8Array>();
  for (const file of bundleFilesOf(manifest)) {
    let content: Uint8Array;
    try {
      content = await readFile(join(stored.folder, file.fileName));
    } catch (cause) {
      const message = `file ${file.fileName} of model version ${id} cannot be read`;
      throw new Failure('MODEL_INVALID', message, { id, fileName: file.fileName }, [], { cause });
    }
    requireDigest(file, content, `model version ${id}`);
    files.set(file.fileName, content);
  }
  return files;
}

/**
 * Checks bytes that are about to be registered: exactly the files that the manifest names, with its digests.
 * @throws Failure MODEL_INVALID
 */
export function verifyFiles(manifest: ModelManifest, files: ReadonlyMap<string, Uint8Array>): void {
  const named = bundleFilesOf(manifest);
  for (const file of named) {
    const content = files.get(file.fileName);
    if (content === undefined) {
      throw new Failure('MODEL_INVALID', `file ${file.fileName} of the manifest is missing`);
    }
    requireDigest(file, content, 'the model');
  }
  const names = new Set(named.map(({ fileName }) => fileName));
  for (const fileName of files.keys()) {
    if (!names.has(fileName)) throw new Failure('MODEL_INVALID', `file ${fileName} is not in the manifest`);
  }
}

function requireDigest(file: BundleFile, content: Uint8Array, owner: string): void {
  const digest = sha256Hex(content);
  if (digest === file.sha256) return;
  throw new Failure(
    'MODEL_INVALID',
    `file ${file.fileName} of ${owner} has SHA-256 ${digest}, its manifest says ${file.sha256}`,
    { fileName: file.fileName },
  );
}
