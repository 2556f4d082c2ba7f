import { paginate } from '../../client/paginate.js';
import type { SymFaceClient } from '../../client/symface-client.js';
import { measurementsOf } from '../../core/faces/face-record.js';
import { CommandFailure } from '../command-failure.js';
import type { LocalAnalysis } from '../local/local-analysis.js';
import { modelVersionId } from '../model-name.js';
import { measuredFace } from './measured-face.js';
import type { DetectedFaces } from './tag-images.js';

/** What images are tagged by. */
export interface TaggingDetector {
  /** Its id; all tags of a file are by one. */
  readonly detectorVersion: string;
  /** @throws RemoteFailure, or Failure of what cannot be decoded */
  readonly detect: (content: Buffer, signal: AbortSignal) => Promise<DetectedFaces>;
}

/** The detector that serves. @throws CommandFailure where there is none; RemoteFailure */
export async function servingDetector(client: SymFaceClient): Promise<TaggingDetector> {
  const detect = async (content: Buffer): Promise<DetectedFaces> => {
    const { faces, ...answer } = await client.faceVerification.detectFaces({ image: { content } });
    return { ...answer, faces: faces.map(measuredFace) };
  };
  const versions = paginate(client.model.listModelVersions, { kind: 'MODEL_KIND_DETECTOR' });
  for await (const { active, name } of versions)
    if (active) return { detectorVersion: modelVersionId(name), detect };
  throw new CommandFailure('The server has no active detector: symface models list.');
}

/** The default detector, in this command's own processes. */
export function localDetector({ analysis, models }: LocalAnalysis): TaggingDetector {
  const detect = async (encoded: Buffer, signal: AbortSignal): Promise<DetectedFaces> => {
    const request = {
      encoded,
      kind: 'photograph',
      selection: 'all',
      wantEmbeddings: false,
      wantCrops: false,
    } as const;
    const { outcomes, models: used } = await analysis.analyse([request], { signal });
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('the engine answered no outcome');
    if (!outcome.ok) throw outcome.error;
    const { faces, width: imageWidth, height: imageHeight } = outcome.image;
    return { faces: faces.map(measurementsOf), imageWidth, imageHeight, detectorVersion: used.detectorId };
  };
  return { detectorVersion: models.detector.version.id, detect };
}
