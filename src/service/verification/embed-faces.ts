import type { FaceSelectionPolicy } from '../../core/faces/face-selection.js';
import { analysedImage } from './analysed-image.js';
import type {
  AnalysedImage,
  CallControl,
  FaceAnalysis,
  ImageKind,
  ServedModels,
} from '../../inference/analyser/face-analysis.js';

export interface EmbedFacesCommand {
  readonly encoded: Uint8Array;
  readonly kind: ImageKind;
  readonly selection: FaceSelectionPolicy;
}

/** Makes the unit-length embeddings of the selected faces of one image. */
export class EmbedFaces {
  constructor(private readonly analysis: FaceAnalysis) {}

  /** @throws Failure of the image (field `image`) or of the engine */
  async execute(
    command: EmbedFacesCommand,
    control: CallControl,
  ): Promise<{ readonly image: AnalysedImage; readonly models: ServedModels }> {
    const request = { ...command, wantEmbeddings: true, wantCrops: false };
    const batch = await this.analysis.analyse([request], control);
    return { image: analysedImage(batch.outcomes[0], 'image'), models: batch.models };
  }
}
