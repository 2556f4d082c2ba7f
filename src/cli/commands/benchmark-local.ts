import { Command, Option } from 'commander';
import { VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import type { LocalBenchmarkOptions } from '../local/local-benchmark.js';
import type { Session } from '../session.js';

const NOTES = `
No server is asked and no database is needed: images are read, faces found and embedded by processes of this command's own, and the
figures are those of "symface benchmark run". Nothing is registered or kept. The model is the default backbone, a version of the data
folder by its id, an ONNX file with its manifest, or the model folder that a training leaves.

Examples:
  symface benchmark local photographs/ --format identities               (photographs/PERSON/image.jpg)
  symface benchmark local lfw/pairs.txt --format lfw --images lfw/images --model runs/mine/model
  symface benchmark local agedb_30.bin --format bin --model my.onnx --manifest my.json --json`;

export function localBenchmarkCommand(session: Session): Command {
  return new Command('local')
    .description('run a benchmark on this machine, without a server')
    .argument('<path>', 'the .bin file, the list of pairs, or the folder')
    .addOption(
      new Option('--format <format>', 'how it is laid out')
        .choices(VERIFICATION_FORMATS.map(({ shortName }) => shortName))
        .makeOptionMandatory(),
    )
    .option('--images <folder>', "where the images are; else the list's own folder")
    .option('--aligned', 'the images are 112x112 ArcFace crops')
    .addOption(
      new Option('--faceless <policy>', 'pairs with an image in which no face is found')
        .choices(['different', 'excluded'])
        .default('different'),
    )
    .option('--model <id-or-path>', 'a version of the data folder, an ONNX file, or a model folder')
    .option('--manifest <file>', 'JSON that describes the ONNX file')
    .option('--output <file>', 'write the report there too, as JSON')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (path: string, options: LocalBenchmarkOptions) => {
      // Loaded here only: what embeds takes time to load.
      const { runLocalBenchmark } = await import('../local/local-benchmark.js');
      session.exitCode = await runLocalBenchmark(session, path, options);
    });
}
