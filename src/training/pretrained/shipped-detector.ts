import { z } from 'zod';

import type { DetectorManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { parseManifest } from '../../storage/models/manifest-schema.js';
import { readSafetensors } from '../../storage/weights/safetensors.js';
import { sha256Of } from './preparation.js';
import { damaged, fileOf } from './shipped-backbone.js';

/** The files of a shipped detector's folder; scripts/ship-detector.mjs writes both. */
const weightsFile = 'weights.safetensors';
const descriptionFile = 'shipped.json';

const descriptionSchema = z.strictObject({
  weightsSha256: z.string().regex(/^[0-9a-f]{64}$/u),
  network: z.strictObject({ width: z.number().int(), stemChannels: z.number().int() }),
  /** Some of what the network says of a fixed image (detectorAnswers). */
  selfCheck: z.array(z.number()).min(1),
  /** All of it but the graphs, which are compiled where it serves. */
  manifest: z.looseObject({ source: z.string() }),
});

/** A detector that comes with SymFace as weights; its graphs are compiled at set-up. */
export interface ShippedDetector {
  /** Decodes them: only who compiles them needs to. */
  readonly weights: () => Weights;
  /** Hex, of the weights' file. */
  readonly weightsSha256: string;
  readonly source: string;
  readonly network: z.infer<typeof descriptionSchema>['network'];
  readonly selfCheck: readonly number[];
  /** @throws Failure MODEL_INVALID */
  readonly manifestOf: (graphs: DetectorManifest['graphs']) => DetectorManifest;
}

/**
 * Reads what is in the folder of a shipped detector.
 * @throws Failure MODEL_INVALID where the weights are not those that were measured, or a file is missing
 */
export async function readShippedDetector(folder: URL): Promise<ShippedDetector> {
  const { weightsSha256, network, selfCheck, manifest } = described(
    folder,
    await fileOf(folder, descriptionFile),
  );
  const file = await fileOf(folder, weightsFile);
  const found = sha256Of(file);
  if (found !== weightsSha256)
    throw damaged(folder, weightsFile, `its SHA-256 is ${found}, that of the measured one ${weightsSha256}`);
  return {
    weights: () => readSafetensors(file),
    weightsSha256,
    source: manifest.source,
    network,
    selfCheck,
    manifestOf: (graphs) => {
      const parsed = parseManifest({ ...manifest, graphs });
      if (parsed.kind === 'detector') return parsed;
      throw damaged(folder, descriptionFile, `it describes a ${parsed.kind}`);
    },
  };
}

function described(folder: URL, bytes: Uint8Array): z.infer<typeof descriptionSchema> {
  try {
    return descriptionSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw damaged(folder, descriptionFile, 'it does not describe a detector', cause);
  }
}
