import { createBackbone, type InputSize } from '../../learning/backbones/backbone.js';
import { BACKBONE_ARCHITECTURES } from '../../learning/backbones/catalogue.js';

/** What a backbone is and costs, for one input size. */
export interface BackboneSummary {
  readonly name: string;
  readonly input: InputSize;
  readonly embeddingSize: number;
  readonly parameterCount: number;
  /** The products of an activation and a weight that one image takes. */
  readonly multiplyAdds: number;
  readonly source: string;
}

/**
 * Summarises all backbones that can be trained, counted from their definitions, the lightest first.
 * @throws RangeError where the networks cannot take images of this size
 */
export function summariseBackbones(inputSize: InputSize): readonly BackboneSummary[] {
  const summaries = BACKBONE_ARCHITECTURES.map((design) => {
    const backbone = createBackbone(design, { inputSize });
    const { name, embeddingSize, parameterCount, multiplyAdds, source } = backbone;
    return { name, input: inputSize, embeddingSize, parameterCount, multiplyAdds, source };
  });
  return summaries.sort((a, b) => a.multiplyAdds - b.multiplyAdds);
}
