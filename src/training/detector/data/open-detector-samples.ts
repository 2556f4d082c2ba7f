import { streamSeed } from '../../../core/random/seeded-random.js';
import type { DetectorSample, DetectorSampleSource } from '../detector-sample.js';
import { blankCanvas } from './canvas.js';
import { composeSample } from './compose-sample.js';
import { degrade } from './degradations.js';
import type { DetectorDataSettings } from './detector-data-configuration.js';
import { Draws } from './draws.js';
import { occludeFaces } from './occlusions.js';
import { PhotographLibrary } from './photograph-library.js';
import { loadTrainingPhotographs, type TrainingPhotographs } from './training-photographs.js';

/** Decodes the photographs of the settings and opens what is made of them. @throws Failure as {@link loadTrainingPhotographs} */
export async function openDetectorSamples(settings: DetectorDataSettings): Promise<DetectorSampleSource> {
  return new DetectorSamples(settings, await loadTrainingPhotographs(settings));
}

/**
 * Samples of photographs that are decoded. Threads that are sent the photographs share their pixels, and make the same
 * samples of them.
 */
export class DetectorSamples implements DetectorSampleSource {
  private readonly library: PhotographLibrary;

  constructor(
    private readonly settings: DetectorDataSettings,
    photographs: TrainingPhotographs,
  ) {
    this.library = new PhotographLibrary(photographs);
  }

  async sample(seed: number, index: number): Promise<DetectorSample> {
    const { sidePixels, closeUpSidePixels, kinds, augmentation } = this.settings;
    const draws = new Draws(streamSeed(seed, index));
    const canvas = blankCanvas(sidePixels);
    const kind = draws.weighted(kinds);
    const composed = composeSample[kind]({ canvas, library: this.library, draws, closeUpSidePixels });
    const faces = occludeFaces(canvas, composed, this.library, augmentation, draws);
    return degrade(canvas, faces, augmentation, draws);
  }
}
