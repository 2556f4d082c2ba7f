import { createHash } from 'node:crypto';

import { z } from 'zod';

import { canonicalJson, contractOf } from '../../core/models/contract.js';
import type { ModelManifest, ModelVersion } from '../../core/models/manifest.js';
import { Failure } from '../../core/failure.js';
import { parseManifest } from './manifest-schema.js';

const ID_DIGEST_DIGITS = 12;

const versionFile = z.strictObject({
  id: z.string(),
  contractDigest: z.string(),
  /** SHA-256 of the whole manifest, so that an edit outside the contract (a threshold) shows as well. */
  manifestDigest: z.string(),
  createTime: z.iso.datetime(),
  manifest: z.unknown(),
});

/** Lower-case hex SHA-256. */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The identity of a manifest: the same for the same contract and display name. */
export function modelVersionOf(manifest: ModelManifest, createTime: Date): ModelVersion {
  const contractDigest = sha256Hex(canonicalJson(contractOf(manifest)));
  return {
    id: `${manifest.displayName}-${contractDigest.slice(0, ID_DIGEST_DIGITS)}`,
    contractDigest,
    createTime: createTime.toISOString(),
    manifest,
  };
}

/** Whether a string can be a version's id, and so is safe as a folder name. */
export function isModelVersionId(id: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,63}-[0-9a-f]{12}$/.test(id);
}

export function serialiseVersion(version: ModelVersion): string {
  const manifestDigest = sha256Hex(canonicalJson(version.manifest));
  return `${JSON.stringify({ ...version, manifestDigest }, null, 2)}\n`;
}

/**
 * Reads what {@link serialiseVersion} wrote.
 * @param id what the version must be called
 * @throws Failure MODEL_INVALID where the text was altered
 */
export function parseVersion(id: string, content: string): ModelVersion {
  let stored: z.infer<typeof versionFile>;
  try {
    stored = versionFile.parse(JSON.parse(content));
  } catch (cause) {
    throw new Failure('MODEL_INVALID', `the record of model version ${id} is damaged`, { id }, [], { cause });
  }
  const manifest = parseManifest(stored.manifest);
  const version = modelVersionOf(manifest, new Date(stored.createTime));
  const unaltered =
    version.id === id &&
    stored.id === id &&
    stored.contractDigest === version.contractDigest &&
    stored.manifestDigest === sha256Hex(canonicalJson(manifest));
  if (!unaltered) {
    throw new Failure('MODEL_INVALID', `the manifest of model version ${id} was altered`, { id });
  }
  return version;
}
