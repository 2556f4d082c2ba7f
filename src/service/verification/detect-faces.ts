import type { FaceSelectionPolicy } from '../../core/faces/face-selection.js';
import { analysedImage } from './analysed-image.js';
import type {
  AnalysedImage,
  CallControl,
  FaceAnalysis,
  ServedModels,
} from '../../inference/analyser/face-analysis.js';

export interface DetectFacesCommand {
  readonly encoded: Uint8Array;
  readonly selection: FaceSelectionPolicy;
  readonly wantCrops: boolean;
}

/** Finds the boxes, landmarks, frontness and quality of faces, without embeddings. */
export class DetectFaces {
  constructor(private readonly analysis: FaceAnalysis) {}

  /** @throws Failure of the image (field `image`) or of the engine */
  async execute(
    command: DetectFacesCommand,
    control: CallControl,
  ): Promise<{ readonly image: AnalysedImage; readonly models: ServedModels }> {
    const request = { ...command, kind: 'photograph', wantEmbeddings: false } as const;
    const batch = await this.analysis.analyse([request], control);
    return { image: analysedImage(batch.outcomes[0], 'image'), models: batch.models };
  }
}
