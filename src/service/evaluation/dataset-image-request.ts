import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import type { AnalysisRequest } from '../../inference/analyser/face-analysis.js';

/** The request to the engine by which the images of data sets are looked at. */
export function datasetImageRequest(
  encoded: Uint8Array,
  kind: DatasetImageKind,
): Pick<AnalysisRequest, 'encoded' | 'kind' | 'selection' | 'knownLandmarks'> {
  return {
    encoded,
    kind: 'photograph',
    // Data sets are cut around the face that they are about.
    selection: 'central',
    // Aligned crops of the field are ArcFace's; a backbone of another template gets them aligned anew.
    ...(kind === 'aligned-crop' && { knownLandmarks: arcFaceTemplate.landmarks }),
  };
}
