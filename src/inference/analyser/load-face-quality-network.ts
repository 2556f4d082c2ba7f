import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FaceQualityNetwork } from '../../core/faces/quality/face-quality-network.js';
import { Failure } from '../../core/failure.js';
import { readSafetensors } from '../../storage/weights/safetensors.js';

const shippedFolder = new URL('../../../models/face-quality/', import.meta.url);
const descriptionSchema = z.looseObject({ weightsSha256: z.string() });

/**
 * Loads the network that comes with SymFace. @param folder where its `shipped.json` and `weights.safetensors` are
 * @throws Failure MODEL_INVALID where its weights are not those that were measured
 */
export async function loadFaceQualityNetwork(folder = shippedFolder): Promise<FaceQualityNetwork> {
  try {
    const description: unknown = JSON.parse(await readFile(new URL('shipped.json', folder), 'utf8'));
    const weights = await readFile(new URL('weights.safetensors', folder));
    const { weightsSha256 } = descriptionSchema.parse(description);
    const found = createHash('sha256').update(weights).digest('hex');
    if (found !== weightsSha256) throw new Error(`its SHA-256 is ${found}, not ${weightsSha256}`);
    return new FaceQualityNetwork(readSafetensors(weights));
  } catch (cause) {
    const message =
      'models/face-quality is not the network that came with SymFace. Get it anew: "git checkout -- models" in a clone, or ' +
      'install this version of SymFace again.';
    throw new Failure('MODEL_INVALID', message, {}, [], { cause });
  }
}
