import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { detectorFamilies } from '../core/models/manifest.js';
import { arcFacePreset, detectorPresets, type ModelPreset } from '../core/models/presets.js';
import { CommandFailure } from './command-failure.js';
import { errorCode } from './image-file.js';

export const PRESETS = [...detectorFamilies, 'arcface'] as const;

/** The options of `models import` that make up the manifest. */
export interface ManifestOptions {
  readonly manifest?: string;
  readonly preset?: (typeof PRESETS)[number];
  readonly name?: string;
  readonly license?: string;
  readonly source?: string;
  readonly dimension?: number;
  readonly threshold?: number;
  readonly thresholdDescription?: string;
  readonly flip?: boolean;
}

/**
 * The manifest to send: the user's file or a preset, with the options laid over it. The server checks it and adds the
 * graph's digest.
 * @throws CommandFailure where the options do not make a manifest
 */
export async function importManifest(graphFile: string, options: ManifestOptions): Promise<string> {
  const { manifest: file, preset } = options;
  if (file !== undefined && preset !== undefined)
    throw new CommandFailure('Give --manifest or --preset, not both.');
  if (file !== undefined) return JSON.stringify({ ...(await readManifest(file)), ...statedIn(options) });
  if (preset === undefined) {
    throw new CommandFailure(`Describe the model: --manifest file.json, or --preset ${PRESETS.join('|')}.`);
  }
  const { license } = options;
  if (license === undefined) {
    throw new CommandFailure('State the licence of the weights: --license, for example --license MIT.');
  }
  const defaults = { displayName: displayNameOf(graphFile), source: basename(graphFile), license };
  return JSON.stringify({ ...presetManifest(preset, options), ...defaults, ...statedIn(options) });
}

/** A manifest of one graph, and the graphs that were in it beside. */
export interface SoleGraphManifest {
  readonly manifest: string;
  /** Names of the graphs that are left out: an import is of one file. */
  readonly leftOut: readonly string[];
}

/** Leaves a detector of several graphs its first one, with which alone it finds faces too; `symface train` exports three. */
export function soleGraphManifest(manifest: string): SoleGraphManifest {
  const parsed = JSON.parse(manifest) as { readonly kind?: unknown; readonly graphs?: unknown };
  const { graphs } = parsed;
  if (parsed.kind !== 'detector' || typeof graphs !== 'object' || graphs === null || !('detector' in graphs))
    return { manifest, leftOut: [] };
  const { detector, ...others } = graphs;
  return { manifest: JSON.stringify({ ...parsed, graphs: { detector } }), leftOut: Object.keys(others) };
}

/** The fields that are the same for every kind of model. */
function statedIn({ name, license, source }: ManifestOptions): Record<string, string> {
  return {
    ...(name !== undefined && { displayName: name }),
    ...(license !== undefined && { license }),
    ...(source !== undefined && { source }),
  };
}

function presetManifest(preset: (typeof PRESETS)[number], options: ManifestOptions): ModelPreset {
  if (preset !== 'arcface') return detectorPresets[preset];
  const {
    dimension,
    threshold,
    thresholdDescription: description = 'stated at import',
    flip = true,
  } = options;
  if (dimension === undefined) {
    throw new CommandFailure("State the embedding's length: --dimension, for example --dimension 512.");
  }
  return arcFacePreset({
    dimension,
    testTimeAugmentation: flip ? 'horizontal-flip' : 'none',
    ...(threshold !== undefined && { similarityThreshold: { similarity: threshold, description } }),
  });
}

async function readManifest(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandFailure(`Cannot read the manifest ${file} (${errorCode(cause)}). Check the path.`, {
      cause,
    });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new CommandFailure(`${file} is not JSON. docs/models/manifest.md describes a manifest.`, { cause });
  }
}

/** A file's name as a model name: lower-case letters, digits, dots and dashes. */
function displayNameOf(file: string): string {
  const stem = basename(file).replace(/\.onnx$/iu, '');
  return stem
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/gu, '');
}
