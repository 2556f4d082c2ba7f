import { Command, Option } from 'commander';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { ModelVersion__Output } from '../../generated/symface/v1/ModelVersion.js';
import { EXIT_OK } from '../exit-code.js';
import { importManifest, PRESETS, type ManifestOptions, soleGraphManifest } from '../import-manifest.js';
import { type PrecisionOptions, withPrecisionOptions, withQuantisedGraph } from '../quantised-import.js';
import { modelVersionId } from '../model-name.js';
import { modelJson } from '../report/model-report.js';
import { cosine, positiveInteger, present, Session } from '../session.js';
import { chunksOf, importRequests, openUpload } from '../upload.js';
import { activateVersion } from './models-activate.js';

interface ImportOptions extends ManifestOptions, PrecisionOptions {
  readonly activate?: true;
  readonly withoutThreshold?: true;
  readonly json?: true;
}

const EXAMPLES = `
A preset says how the pixels of a known family are prepared; for anything else write a manifest
(docs/models/manifest.md). The same file imported again is the version that exists. What serves does not change, unless
--activate says so. Of a detector of several graphs, as "symface train" makes it, "detector" is imported. A backbone serves
once it has a threshold at the false match rate in force (symface calibrate --folder FOLDER --model ID), or
--without-threshold: one of --threshold is of no known rate.

Examples:
  symface models import retinaface.onnx --preset retinaface --license MIT
  symface models import scrfd_500m.onnx --preset scrfd --license "non-commercial research"
  symface models import backbone.onnx --preset arcface --dimension 512 --license MIT
  symface models import my.onnx --manifest my.json --activate --without-threshold
  symface models import my.onnx --manifest my.json --precision int8 --calibration faces`;

export function importModelCommand(session: Session): Command {
  const command = new Command('import')
    .description('register an ONNX backbone or detector of your own')
    .argument('<file>', 'ONNX file')
    .option('--manifest <file>', 'JSON that describes the model')
    .addOption(new Option('--preset <family>', 'or: a known family').choices(PRESETS))
    .option('--license <licence>', 'licence of the weights, SPDX where there is one; required with --preset')
    .option('--source <text>', 'where the weights came from')
    .option('--name <name>', "lower-case letters, digits, dots and dashes; else the file's name")
    .option('--dimension <count>', "arcface: the embedding's length", positiveInteger)
    .option(
      '--threshold <cosine>',
      'arcface: similarity from which on faces match; better: calibrate it (symface calibrate)',
      cosine,
    )
    .option('--threshold-description <text>', 'arcface: how the threshold was found')
    .option('--no-flip', "arcface: without the mirror image's embedding, in half the time");
  return withPrecisionOptions(command)
    .option('--activate', 'serve it from now on')
    .option(
      '--without-threshold',
      'with --activate: although it has no threshold at the false match rate in force',
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const { manifest, leftOut } = soleGraphManifest(await importManifest(file, options));
      if (leftOut.length > 0)
        session.terminal.err(
          `Of the manifest's graphs only "detector" is imported: without ${leftOut.join(' and ')} it looks less closely.`,
        );
      if (options.precision === 'float32') await sendModel(session, command, options, file, manifest);
      else
        await withQuantisedGraph(session, file, manifest, options, ({ path, manifestJson }) =>
          sendModel(session, command, options, path, manifestJson),
        );
    });
}

async function sendModel(
  session: Session,
  command: Command,
  options: ImportOptions,
  file: string,
  manifest: string,
): Promise<void> {
  const rules = { ...(options.withoutThreshold && { withoutThreshold: true as const }) };
  await session.changeModels(command, async (client) => {
    const upload = await openUpload(file);
    const chunks = chunksOf(upload, session.terminal.isInteractive && options.json !== true);
    const response = await client.model.importModelVersion(importRequests(manifest, chunks));
    const version = present(response.modelVersion);
    const id = modelVersionId(version.name);
    if (options.json) {
      // Activated first: what is printed says whether it serves.
      if (options.activate) await activateVersion(quiet(session), client, version.name, rules);
      const now = options.activate
        ? present((await client.model.getModelVersion({ name: version.name })).modelVersion)
        : version;
      session.terminal.out(JSON.stringify({ modelVersion: modelJson(now), created: response.created }));
      return EXIT_OK;
    }
    session.terminal.out(response.created ? `Imported ${id}.` : `${id} was here already.`);
    if (options.activate) await activateVersion(session, client, version.name, rules);
    else for (const line of await nextSteps(client, version)) session.terminal.out(line);
    return EXIT_OK;
  });
}

/** A backbone serves once it has thresholds; a detector needs none. */
async function nextSteps(
  { benchmark }: SymFaceClient,
  { name, kind }: ModelVersion__Output,
): Promise<readonly string[]> {
  const id = modelVersionId(name);
  const serve = `Serve it with: symface models activate ${id}`;
  if (kind !== 'MODEL_KIND_BACKBONE') return [serve];
  const { calibration } = await benchmark.getModelCalibration({ modelVersion: name });
  return calibration === null
    ? [`It has no thresholds yet: symface calibrate --folder <photographs> --model ${id}`, serve]
    : [serve];
}

/** The result is one JSON object: nothing is printed besides. */
function quiet({ terminal }: Session): Session {
  return new Session({ ...terminal, out: () => undefined, isInteractive: false });
}
