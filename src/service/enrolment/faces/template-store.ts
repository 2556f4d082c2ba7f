import type { FaceTemplate } from './enrolled-face-store.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';

/** An enrolled face without a template of some model version. */
export interface FaceToEmbed {
  readonly faceId: string;
  /** The stored crop; undefined where it cannot be decrypted. */
  readonly crop: EncodedStoredCrop | undefined;
}

/** Keeps the templates of all tenants' faces under each model version durably, encrypted at rest. */
export interface TemplateStore {
  countFaces(): Promise<number>;
  /** Counts the faces of all tenants that have no template under this model version. */
  countFacesWithout(modelVersion: string): Promise<number>;
  /** Reads at most `limit` faces without such a template, in the order of their ids, after a given id. */
  facesWithout(
    modelVersion: string,
    afterFaceId: string | undefined,
    limit: number,
  ): Promise<readonly FaceToEmbed[]>;
  /** Adds templates, but none of faces that are gone meanwhile or have one already. @returns how many */
  add(modelVersion: string, templates: readonly FaceTemplate[]): Promise<number>;
  /** Removes templates under all other versions, at most `limit`. @returns how many */
  removeAllBut(modelVersions: readonly string[], limit: number): Promise<number>;
  /** Removes templates under this version, at most `limit`. @returns how many */
  removeOf(modelVersion: string, limit: number): Promise<number>;
}
