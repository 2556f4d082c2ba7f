import type { FaceTemplate } from '../../enrolment/faces/enrolment.js';
import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';
import type { TemplateStore } from '../../enrolment/faces/template.store.js';

interface LastFacesOptions {
  /** How many may be embedded while enrolments wait. */
  readonly mostFaces: number;
  readonly embed: (faces: readonly FaceToEmbed[]) => Promise<readonly FaceTemplate[]>;
}

/**
 * Embeds the faces that were enrolled while all others were embedded, unless they are too many for enrolments to wait.
 * @param templates within the transaction that changes the backbone
 * @returns how many faces have no template under the version still
 */
export async function embedLastFaces(
  templates: Pick<TemplateStore, 'facesWithout' | 'countFacesWithout' | 'add'>,
  modelVersion: string,
  { mostFaces, embed }: LastFacesOptions,
): Promise<number> {
  const faces = await templates.facesWithout(modelVersion, undefined, mostFaces + 1);
  if (faces.length > mostFaces) return templates.countFacesWithout(modelVersion);
  if (faces.length > 0) await templates.add(modelVersion, await embed(faces));
  return 0;
}
