import type { MeasuredImage } from '../../../core/protocols/measured-image.js';
import {
  type EmbeddedHalves,
  type HalfFigures,
  halfFigures,
} from '../../../core/protocols/metrics/half-symmetry.js';
import type { MeasuredModels } from '../../../core/protocols/measured-models.js';
import type {
  AnalysisBatch,
  AnalysisRequest,
  FaceAnalysis,
} from '../../../inference/analyser/face-analysis.js';
import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';
import { analyseStoredCrops, storedCropRequest } from '../../enrolment/faces/stored-crops.js';
import { halvesIn, requestForHalves } from '../../evaluation/measure-halves.js';
import { measuredFace } from '../../evaluation/measured-face.js';
import { heldOutBelow } from '../retraining/held-out-identities.js';
import type { ConsentingFace, HeldOutFaceStore } from './held-out-face.store.js';

interface MeasureHeldOutParts {
  readonly faces: Pick<HeldOutFaceStore, keyof HeldOutFaceStore>;
  readonly analysisOf: (models: MeasuredModels) => Promise<FaceAnalysis>;
}

/** How far measuring is, and when to give it up. */
export interface MeasuringControl {
  readonly signal: AbortSignal;
  readonly onFaces: (done: number, total: number) => void;
}

const facesAtATime = 32;

/** Enrolled faces of identities that models were not trained on, and what models make of them. */
export class MeasureHeldOut {
  constructor(private readonly parts: MeasureHeldOutParts) {}

  /**
   * Finds the faces of subjects who consent and have two or more.
   * @param below identities whose place is below were trained on by no model that it is about
   */
  async facesBelow(below: number): Promise<readonly ConsentingFace[]> {
    const consenting = await this.parts.faces.consentingFaces();
    const identities = heldOutBelow([...new Set(consenting.map(({ identity }) => identity))], below);
    return consenting.filter(({ identity }) => identities.has(identity));
  }

  /**
   * Measures stored crops by each of the models.
   * @returns one a face, by model; undefined where it is no longer there or its subject does not consent any more
   * @throws Failure STORED_CROP_DAMAGED, MODEL_INVALID, DATABASE_UNAVAILABLE; the signal's reason
   */
  async measure(
    faces: readonly ConsentingFace[],
    models: readonly MeasuredModels[],
    { signal, onFaces }: MeasuringControl,
  ): Promise<readonly (readonly MeasuredImage[] | undefined)[]> {
    const found = new Map<string, readonly MeasuredImage[]>();
    for (let start = 0; start < faces.length; start += facesAtATime) {
      onFaces(start, faces.length);
      signal.throwIfAborted();
      const ids = faces.slice(start, start + facesAtATime).map(({ faceId }) => faceId);
      const crops = await this.parts.faces.crops(ids);
      if (crops.length === 0) continue;
      const measured: (readonly MeasuredImage[])[] = [];
      for (const model of models) measured.push(await this.measuredBy(model, crops, signal));
      for (const [index, { faceId }] of crops.entries()) {
        found.set(
          faceId,
          measured.flatMap((images) => images[index] ?? []),
        );
      }
    }
    return faces.map(({ faceId }) => found.get(faceId));
  }

  /**
   * What each of the models makes of the halves of faces.
   * @returns undefined of a model where there are no halves of two persons
   * @throws Failure as {@link measure}
   */
  async halves(
    faces: readonly ConsentingFace[],
    models: readonly MeasuredModels[],
    signal: AbortSignal,
  ): Promise<readonly (HalfFigures | undefined)[]> {
    const identityOf = new Map(faces.map(({ faceId, identity }) => [faceId, identity]));
    const halves = models.map((): EmbeddedHalves[] => []);
    for (let start = 0; start < faces.length; start += facesAtATime) {
      signal.throwIfAborted();
      const ids = faces.slice(start, start + facesAtATime).map(({ faceId }) => faceId);
      const crops = await this.parts.faces.crops(ids);
      const requests = crops.map((face) => requestForHalves(storedCropRequest(face)));
      for (const [place, model] of models.entries()) {
        const batch = requests.length === 0 ? { outcomes: [] } : await this.analyse(model, requests, signal);
        halves[place]?.push(...halvesIn(batch, (at) => identityOf.get(crops[at]?.faceId ?? '')));
      }
    }
    return halves.map(halfFigures);
  }

  private async measuredBy(
    models: MeasuredModels,
    crops: readonly FaceToEmbed[],
    signal: AbortSignal,
  ): Promise<readonly MeasuredImage[]> {
    const analysed = await analyseStoredCrops(crops, async (requests) =>
      this.analyse(models, requests, signal),
    );
    return analysed.map((face) => measuredFace(face, face.embedding, true));
  }

  private async analyse(
    models: MeasuredModels,
    requests: readonly AnalysisRequest[],
    signal: AbortSignal,
  ): Promise<AnalysisBatch> {
    // Asked for anew each time: models go over to others while this runs.
    for (;;) {
      const batch = await (await this.parts.analysisOf(models)).analyse(requests, { signal });
      if (batch.models.backboneId === models.modelVersion) return batch;
    }
  }
}
