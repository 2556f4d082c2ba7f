import type { FaceTemplate } from './enrolled-face-store.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';

/** An enrolled face without a template of some model version. */
export interface FaceToEmbed {
  readonly faceId: string;
  /** Undefined where it cannot be decrypted. */
  readonly crop: EncodedStoredCrop | undefined;
}

/** Templates of all tenants' faces under one model version or another. Durable; encrypted at rest. */
export interface TemplateStore {
  countFaces(): Promise<number>;
  /** Faces of all tenants that have no template under this model version. */
  countFacesWithout(modelVersion: string): Promise<number>;
  /** Those without, in the order of their ids after one of them, at most `limit`. */
  facesWithout(
    modelVersion: string,
    afterFaceId: string | undefined,
    limit: number,
  ): Promise<readonly FaceToEmbed[]>;
  /** Adds templates; of faces that are gone meanwhile, or have one, none. @returns how many */
  add(modelVersion: string, templates: readonly FaceTemplate[]): Promise<number>;
  /** Removes templates under all other versions, at most `limit`. @returns how many */
  removeAllBut(modelVersions: readonly string[], limit: number): Promise<number>;
  /** Removes templates under this version, at most `limit`. @returns how many */
  removeOf(modelVersion: string, limit: number): Promise<number>;
}
