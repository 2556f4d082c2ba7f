import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { Failure } from '../../core/failure.js';
import { canonicalJson, decidingPart } from '../../core/models/contract.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { parseManifest } from '../../storage/models/manifest-schema.js';
import { readSafetensors } from '../../storage/weights/safetensors.js';
import { sha256Of } from './preparation.js';

/** The files of a shipped backbone's folder; scripts/ship-backbone.mjs writes both. */
const weightsFile = 'weights.safetensors';
const descriptionFile = 'shipped.json';

const descriptionSchema = z.strictObject({
  weightsSha256: z.string().regex(/^[0-9a-f]{64}$/u),
  /** The network's name (`symface backbones`); its sizes are the manifest's. */
  design: z.string(),
  /** All of it but the graph, which is compiled where it serves. */
  manifest: z.looseObject({}),
});

/** A backbone that comes with SymFace as weights; its graph is compiled at set-up. */
export interface ShippedBackbone {
  /** Decodes them: only who compiles them needs to. */
  readonly weights: () => Weights;
  /** The network that they are of: a name of {@link BACKBONE_ARCHITECTURES}, which only who compiles it loads. */
  readonly design: string;
  /** Hex, of the weights' file. */
  readonly weightsSha256: string;
  /** Hex, of the calibration in its manifest; undefined where it has none. */
  readonly calibrationSha256: string | undefined;
  readonly source: string;
  /** @param graphSha256 of the compiled graph */
  readonly manifestOf: (fileName: string, graphSha256: string) => BackboneManifest;
}

/**
 * Reads what is in the folder of a shipped backbone.
 * @throws Failure MODEL_INVALID where the weights are not those that were measured, or a file is missing
 */
export async function readShippedBackbone(folder: URL): Promise<ShippedBackbone> {
  const { weightsSha256, design, manifest } = descriptionOf(await fileOf(folder, descriptionFile));
  const manifestOf: ShippedBackbone['manifestOf'] = (fileName, sha256) => {
    const parsed = parseManifest({ ...manifest, graph: { fileName, sha256 } });
    if (parsed.kind === 'backbone') return parsed;
    throw damaged(folder, descriptionFile, `it describes a ${parsed.kind}`);
  };
  const file = await fileOf(folder, weightsFile);
  const found = sha256Of(file);
  if (found !== weightsSha256) {
    throw damaged(folder, weightsFile, `its SHA-256 is ${found}, that of the measured one ${weightsSha256}`);
  }
  // The digest of a graph that is not compiled yet matters to nobody.
  const { source, calibration } = manifestOf('backbone.onnx', weightsSha256);
  const calibrationSha256 = calibration && sha256Of(Buffer.from(canonicalJson(decidingPart(calibration))));
  return {
    weights: () => readSafetensors(file),
    design,
    weightsSha256,
    calibrationSha256,
    source,
    manifestOf,
  };

  function descriptionOf(bytes: Uint8Array): z.infer<typeof descriptionSchema> {
    try {
      return descriptionSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    } catch (cause) {
      throw damaged(folder, descriptionFile, 'it does not describe a backbone', cause);
    }
  }
}

/** @throws Failure MODEL_INVALID where it cannot be read */
export async function fileOf(folder: URL, name: string): Promise<Uint8Array> {
  return readFile(new URL(name, folder)).catch((cause: unknown) => {
    throw damaged(folder, name, 'it cannot be read', cause);
  });
}

/** What is thrown where a file of a shipped model is not the one that was measured. */
export function damaged(folder: URL, name: string, reason: string, cause?: unknown): Failure {
  const [model = ''] = folder.pathname.split('/').filter(Boolean).slice(-1);
  const message = `models/${model}/${name} is not the file that came with SymFace: ${reason}. Get it anew: "git checkout -- models" in a clone, or install this version of SymFace again.`;
  return new Failure('MODEL_INVALID', message, {}, [], { cause });
}
