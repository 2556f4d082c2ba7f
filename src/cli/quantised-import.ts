import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { type Command, Option } from 'commander';

import { IDENTITY_FORMATS } from '../datasets/identities/identity-formats.js';
import { withTemporaryFolder } from '../storage/files/temporary-folder.js';
import type { CalibrationData } from '../training/quantisation/range-batches.js';
import { CommandFailure } from './command-failure.js';
import { errorCode } from './image-file.js';
import { positiveInteger, type Session } from './session.js';

/** The options of `models import` that quantise. */
export interface PrecisionOptions {
  readonly precision: 'float32' | 'int8';
  readonly calibration?: string;
  /** The format as `dataset tag` calls it. */
  readonly calibrationFormat: string;
  readonly calibrationImages?: string;
  readonly calibrationTags?: string;
  readonly calibrationAligned?: true;
  readonly calibrationFaces: number;
}

export function withPrecisionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--precision <type>', 'int8: convolutions on 8-bit numbers, about twice as fast')
        .choices(['float32', 'int8'])
        .default('float32'),
    )
    .option(
      '--calibration <path>',
      'int8: tagged faces whose activations are measured; a few hundred will do',
    )
    .addOption(
      new Option('--calibration-format <format>', 'how they are laid out')
        .choices(IDENTITY_FORMATS.map(({ shortName }) => shortName))
        .default('identities'),
    )
    .option('--calibration-images <folder>', "where a list's images are; else its own folder")
    .option('--calibration-tags <file>', 'their tags; else where "symface dataset tag" puts them')
    .option('--calibration-aligned', 'the images are aligned crops')
    .option('--calibration-faces <count>', 'measure at most so many', positiveInteger, 512);
}

/** What is sent in the place of the file. */
export interface QuantisedImport {
  readonly path: string;
  readonly manifestJson: string;
}

/**
 * Quantises a backbone into a temporary file while `use` runs.
 * @throws CommandFailure where an option is missing; Failure as quantiseBackbone
 */
export async function withQuantisedGraph<Result>(
  session: Session,
  file: string,
  manifestJson: string,
  options: PrecisionOptions,
  use: (quantised: QuantisedImport) => Promise<Result>,
): Promise<Result> {
  const data = calibrationData(options);
  const graph = await readFile(file).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot read the model ${file} (${errorCode(cause)}). Check the path.`, {
      cause,
    });
  });
  // Loaded here only: checking, decoding and the runtime take time to load.
  const { parseManifest } = await import('../storage/models/manifest-schema.js');
  const { quantiseBackbone } = await import('../inference/quantise/quantise-backbone.js');
  const { calibrationFaces } = await import('../training/quantisation/range-batches.js');
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const written = JSON.parse(manifestJson) as Readonly<Record<string, object | undefined>>;
  const described = { fileName: 'backbone.onnx', sha256, ...written['graph'] };
  const isDetector = (written['kind'] as unknown) === 'detector';
  const manifest = isDetector ? undefined : parseManifest({ ...written, graph: described });
  if (manifest?.kind !== 'backbone')
    throw new CommandFailure('--precision int8 is for backbones; detectors serve in 32 bits.');
  if (manifest.graph.sha256 !== sha256)
    throw new CommandFailure(`The manifest is of another file: ${file} has the SHA-256 ${sha256}.`);
  if (manifest.precision === 'int8') throw new CommandFailure(`${file} is in 8 bits already.`);
  const faces = calibrationFaces(data, manifest);
  const quantised = await quantiseBackbone(graph, manifest, faces, (measured, faceCount) => {
    if (measured % 64 === 0) session.terminal.err(`  measured ${measured} faces of at most ${faceCount}`);
  });
  session.terminal.err(
    `  embeddings in 8 bits: cosine to those in 32 bits at least ${quantised.leastCosine.toFixed(4)}`,
  );
  return withTemporaryFolder(async (folder) => {
    const path = join(folder, 'backbone.onnx');
    await writeFile(path, quantised.graph);
    return use({ path, manifestJson: JSON.stringify(quantised.manifest) });
  });
}

function calibrationData(options: PrecisionOptions): CalibrationData {
  const { calibration, calibrationTags, calibrationAligned, calibrationFaces: faceCount } = options;
  if (calibration === undefined) {
    throw new CommandFailure(
      '--precision int8 needs faces to measure activations on: --calibration FOLDER, tagged by "symface dataset tag FOLDER --format identities".',
    );
  }
  return {
    location: locationOf(resolve(calibration), options),
    imageKind: calibrationAligned ? 'aligned-crop' : 'photograph',
    ...(calibrationTags === undefined ? {} : { tagsPath: resolve(calibrationTags) }),
    faceCount,
  };
}

function locationOf(
  path: string,
  { calibrationFormat, calibrationImages }: PrecisionOptions,
): CalibrationData['location'] {
  const format = IDENTITY_FORMATS.find(({ shortName }) => shortName === calibrationFormat);
  if (format === undefined) throw new RangeError(`there is no format ${calibrationFormat}`);
  const images = calibrationImages === undefined ? {} : { imageFolder: resolve(calibrationImages) };
  return { format: format.name, path, ...images };
}
