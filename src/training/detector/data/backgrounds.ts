import { boxSide } from './box-area.js';
import type { Canvas } from './canvas.js';
import type { Draws } from './draws.js';
import type { PhotographLibrary } from './photograph-library.js';
import { placementOf } from './placement.js';
import { paintProceduralBackground } from './procedural-backgrounds.js';

/** Share of backgrounds that are pieces of photographs. */
const PHOTOGRAPHED = 0.55;

/** Fills the canvas with what shows no face. */
export function paintBackground(canvas: Canvas, library: PhotographLibrary, draws: Draws): void {
  if (!draws.chance(PHOTOGRAPHED)) {
    paintProceduralBackground(canvas, draws);
    return;
  }
  if (!paintPiece(canvas, library, draws, 'all')) paintProceduralBackground(canvas, draws);
  const others = draws.chance(0.5) ? draws.integer(1, 4) : 0;
  for (let index = 0; index < others; index++) paintPiece(canvas, library, draws, 'part');
}

/** Paints a piece of a photograph that shows no face. @returns whether one was found */
function paintPiece(
  canvas: Canvas,
  library: PhotographLibrary,
  draws: Draws,
  extent: 'all' | 'part',
): boolean {
  const drawn = library.drawFacelessRegion(draws);
  if (drawn === undefined) return false;
  const { photograph, region } = drawn;
  const { side } = canvas;
  // Turned by 45 degrees, the shorter side of the piece has to reach over the canvas' diagonal.
  const wanted =
    extent === 'all'
      ? (1.42 * side) / Math.min(region.width, region.height)
      : draws.between(0.2, 0.9) * (side / boxSide(region));
  const drawing = { scale: wanted, rotationDegrees: draws.between(-180, 180), mirrored: draws.chance(0.5) };
  const from = { x: region.x + region.width / 2, y: region.y + region.height / 2 };
  const to =
    extent === 'all'
      ? { x: side / 2, y: side / 2 }
      : { x: draws.between(0, side), y: draws.between(0, side) };
  library.paint(canvas, photograph, placementOf(drawing, photograph.width, from, to), {
    region,
    beyond: 'nothing',
    shape: 'rectangle',
    featherPixels: extent === 'all' || draws.chance(0.5) ? 0 : draws.between(1, 12),
    tone: undefined,
  });
  return true;
}
