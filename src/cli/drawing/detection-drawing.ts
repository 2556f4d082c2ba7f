import { writeFile } from 'node:fs/promises';
import sharp, { type OverlayOptions } from 'sharp';
import type { FaceCrops__Output } from '../../generated/symface/v1/FaceCrops.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';
import { faceOverlay, type LabelledFace } from './face-overlay.js';

const SMALLEST_TILE_PIXELS = 64;
const LARGEST_TILE_PIXELS = 224;
const GAP_PIXELS = 8;
const BACKGROUND = '#202020';
const TILES_A_FACE = 3;

/**
 * Writes a PNG: the photograph with what was found, and to its right one row a face with the aligned crop and its two
 * padded halves, where the faces have them.
 * @throws CommandFailure where the file cannot be written
 */
export async function drawFaces(
  photograph: Buffer,
  faces: readonly LabelledFace[],
  file: string,
): Promise<void> {
  const { data: upright, info } = await sharp(photograph)
    .autoOrient()
    .toColourspace('srgb')
    .png()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const overlay = Buffer.from(faceOverlay(faces, width, height));
  const rows = faces.map(({ face }) => face.crops).filter((crops) => crops !== null);
  const panel = await panelOf(rows, width, height);
  const canvas = sharp({
    create: {
      width: width + panel.width,
      height: Math.max(height, panel.height),
      channels: 3,
      background: BACKGROUND,
    },
  });
  const layers = [{ input: upright, left: 0, top: 0 }, { input: overlay, left: 0, top: 0 }, ...panel.tiles];
  const png = await canvas.composite(layers).png().toBuffer();
  try {
    await writeFile(file, png);
  } catch (cause) {
    throw new CommandFailure(
      `Cannot write ${file} (${errorCode(cause)}). Name a file in a folder that exists.`,
      {
        cause,
      },
    );
  }
}

interface Panel {
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly OverlayOptions[];
}

async function panelOf(
  rows: readonly FaceCrops__Output[],
  left: number,
  imageHeight: number,
): Promise<Panel> {
  if (rows.length === 0) return { width: 0, height: 0, tiles: [] };
  const side = tileSide(rows.length, imageHeight);
  const pitch = side + GAP_PIXELS;
  const tiles = await Promise.all(
    rows.flatMap(({ alignedPng, leftHalfPng, rightHalfPng }, row) =>
      [alignedPng, leftHalfPng, rightHalfPng].map(async (png, column) => ({
        input: await sharp(png).resize(side, side).png().toBuffer(),
        left: left + GAP_PIXELS + column * pitch,
        top: GAP_PIXELS + row * pitch,
      })),
    ),
  );
  return { width: GAP_PIXELS + TILES_A_FACE * pitch, height: GAP_PIXELS + rows.length * pitch, tiles };
}

/**
 * The side of a tile in pixels: as large as fits beside the photograph, within limits beyond which the canvas grows.
 */
function tileSide(rowCount: number, imageHeight: number): number {
  const fitting = Math.floor((imageHeight - GAP_PIXELS) / rowCount) - GAP_PIXELS;
  return Math.min(LARGEST_TILE_PIXELS, Math.max(SMALLEST_TILE_PIXELS, fitting));
}
