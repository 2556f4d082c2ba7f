import { openTemplate } from '../../../storage/encryption/sealed-records.js';
import { DecryptionError, type SecretBox } from '../../../storage/encryption/secret-box.js';

/** How many faces are remembered, so that each is told of once and not with every search. */
const maximumTold = 10_000;

/** Templates that cannot be opened: they are left out of comparisons, and told of. */
export class DamagedTemplates {
  private readonly told = new Set<string>();

  /** @param onFound told of each template once */
  constructor(private readonly onFound: (faceId: string, modelVersion: string) => void) {}

  found(faceId: string, modelVersion: string): void {
    const key = `${faceId} ${modelVersion}`;
    if (this.told.has(key)) return;
    if (this.told.size >= maximumTold) this.told.clear();
    this.told.add(key);
    this.onFound(faceId, modelVersion);
  }

  /** It was repaired: found once more, it is told of once more. */
  repaired(faceId: string, modelVersion: string): void {
    this.told.delete(`${faceId} ${modelVersion}`);
  }
}

/** The template; undefined where it is damaged, or of another key or face. */
export function openTemplateIfWhole(
  box: SecretBox,
  faceId: string,
  modelVersion: string,
  sealed: Uint8Array,
): Float32Array | undefined {
  try {
    return openTemplate(box, faceId, modelVersion, sealed);
  } catch (error) {
    if (error instanceof DecryptionError) return undefined;
    throw error;
  }
}
