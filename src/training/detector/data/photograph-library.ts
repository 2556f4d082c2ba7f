import type { BoundingBox } from '../../../core/faces/landmarks.js';
import type { FaceLabel } from '../../../datasets/face-labels/photograph-labels.js';
import { boxArea, clippedBox, grownBox } from './box-area.js';
import type { Canvas } from './canvas.js';
import type { Draws } from './draws.js';
import { paintPhotograph, type PaintOptions } from './paint-photograph.js';
import type { Placement } from './placement.js';
import type { TrainingPhotograph, TrainingPhotographs } from './training-photographs.js';

/** A face that detectors agree upon, in its photograph. */
export interface DrawnFace {
  readonly photograph: TrainingPhotograph;
  readonly face: FaceLabel;
}

/** Faces of one photograph are one draw; its share of all is its weight's. */
export class PhotographLibrary {
  private readonly withFaces: readonly TrainingPhotograph[];
  /** The sums of the weights of {@link withFaces} up to and with each. */
  private readonly weightSums: Float64Array;

  constructor(private readonly data: TrainingPhotographs) {
    this.withFaces = data.photographs.filter(
      ({ faces, weight }) => weight > 0 && faces.some(({ agreed }) => agreed),
    );
    this.weightSums = new Float64Array(this.withFaces.length);
    let sum = 0;
    this.withFaces.forEach(({ weight }, index) => {
      this.weightSums[index] = sum += weight;
    });
  }

  /** @throws RangeError where no photograph has a face and a weight */
  drawFace(draws: Draws): DrawnFace {
    const photograph = this.drawPhotograph(draws);
    return { photograph, face: draws.pick(photograph.faces.filter(({ agreed }) => agreed)) };
  }

  /** A photograph and a part of it away from all faces; undefined where none was found in a few tries. */
  drawFacelessRegion(
    draws: Draws,
  ): { readonly photograph: TrainingPhotograph; readonly region: BoundingBox } | undefined {
    for (let attempt = 0; attempt < 16; attempt++) {
      const photograph = this.drawPhotograph(draws);
      const region = drawRegion(photograph, draws);
      const isFaceless = photograph.faces.every(
        ({ box }) => boxArea(clippedBox(grownBox(box, 0.08), region)) <= 0,
      );
      if (isFaceless) return { photograph, region };
    }
    return undefined;
  }

  paint(canvas: Canvas, photograph: TrainingPhotograph, placement: Placement, options: PaintOptions): void {
    paintPhotograph(canvas, this.data.pixels, photograph, placement, options);
  }

  private drawPhotograph(draws: Draws): TrainingPhotograph {
    const wanted = draws.uniform() * (this.weightSums.at(-1) ?? 0);
    let [low, high] = [0, this.weightSums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.weightSums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    const photograph = this.withFaces[low];
    if (photograph === undefined) throw new RangeError('no photograph has a face and a weight');
    return photograph;
  }
}

function drawRegion({ width, height }: TrainingPhotograph, draws: Draws): BoundingBox {
  const side = Math.min(width, height);
  const regionWidth = Math.min(width, side * draws.between(0.15, 0.7));
  const regionHeight = Math.min(height, regionWidth * draws.logBetween(0.6, 1.7));
  return {
    x: draws.between(0, width - regionWidth),
    y: draws.between(0, height - regionHeight),
    width: regionWidth,
    height: regionHeight,
  };
}
