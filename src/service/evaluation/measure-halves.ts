import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import { facesToSplit } from '../../core/protocols/faces-to-split.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import {
  type EmbeddedHalves,
  type HalfFigures,
  halfFigures,
} from '../../core/protocols/metrics/half-symmetry.js';
import type { AnalysisBatch, AnalysisRequest } from '../../inference/analyser/face-analysis.js';
import { datasetImageRequest } from './dataset-image-request.js';

/** Images that are asked of in one call. */
const imagesPerCall = 8;

/**
 * What a model makes of the halves of a data set's symmetric faces. They are looked at anew each time: these are few.
 * @param measured one an image
 * @param analyse by the model, of whom it throws where another one answers
 * @returns undefined where no two persons with a symmetric face are known
 */
export async function measureHalves(
  dataset: VerificationDataset,
  measured: readonly (MeasuredImage | undefined)[],
  analyse: (requests: readonly AnalysisRequest[]) => Promise<AnalysisBatch>,
): Promise<HalfFigures | undefined> {
  const identityOf = (index: number): string | undefined => dataset.images[index]?.identity;
  const chosen = facesToSplit(measured, identityOf);
  const halves: EmbeddedHalves[] = [];
  for (let start = 0; start < chosen.length; start += imagesPerCall) {
    const indices = chosen.slice(start, start + imagesPerCall);
    const requests = await Promise.all(
      indices.map(async (index) =>
        requestForHalves(datasetImageRequest(await dataset.read(index), dataset.kind)),
      ),
    );
    halves.push(...halvesIn(await analyse(requests), (place) => identityOf(indices[place] ?? -1)));
  }
  return halfFigures(halves);
}

/** The request by which a face's halves are embedded, and nothing else of it. */
export function requestForHalves(
  request: Pick<AnalysisRequest, 'encoded' | 'kind' | 'selection' | 'knownLandmarks'>,
): AnalysisRequest {
  return { ...request, wantEmbeddings: false, wantCrops: false, wantHalves: true };
}

/** The halves that were embedded; those of images that gave none are left out. */
export function halvesIn(
  { outcomes }: Pick<AnalysisBatch, 'outcomes'>,
  identityOf: (place: number) => string | undefined,
): readonly EmbeddedHalves[] {
  return outcomes.flatMap((outcome, place) => {
    const halves = outcome.ok ? outcome.image.faces[0]?.halves : undefined;
    return halves === undefined ? [] : [{ ...halves, identity: identityOf(place) }];
  });
}
