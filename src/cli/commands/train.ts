import { Command, Option } from 'commander';
import { naturalNumber, positiveInteger, repeatable, type Session } from '../session.js';
import type { TrainCommandOptions } from '../training/train-command-options.js';

const NOTES = `
The configuration says what is trained on what (docs/training.md); recipes/ has those of the paper's tables. One that says
"kind: detector" trains a detector (docs/detector-training.md), for a number of steps in place of epochs. Everything goes to
the run's folder: checkpoints, log.jsonl, report.html, and model/ with the ONNX graph (a detector has three), the weights
(safetensors) and the manifest. The same command goes on where a run was stopped; Ctrl-C leaves a checkpoint.

Examples:
  symface dataset tag /data/faces --format identities        first, for photographs and for split faces
  symface train --config recipes/paper/lightweight.yaml --set data.path=/data/faces_webface_112x112/train.rec
  symface train --config recipes/paper/table-2.yaml --cell ir-50-adaface--ms1mv2--with
  symface train --config my.yaml --output runs/mine --epochs 40   goes on with a run for more epochs
  symface train --config recipes/shipped/retinaface-symface.yaml --set data.labels=labels.jsonl --set steps=4000
  mpirun -n 8 symface train --config my.yaml --provider cuda  several processes (docs/parallel-training.md)
  symface models import runs/mine/model/backbone.onnx --manifest runs/mine/model/manifest.json`;

export function trainCommand(session: Session): Command {
  return new Command('train')
    .description('train a network with a face loss and the symmetry loss, or a detector')
    .requiredOption('--config <file>', 'YAML: data, network, losses and schedule')
    .option(
      '--cell <name>',
      'where the file is an experiment: which of its combinations, from its first seed',
    )
    .option('--output <folder>', "the run's folder; else runs/NAME in the current one")
    .option('--restart', 'begin anew, forgetting the checkpoints that are there')
    .option('--epochs <count>', "in place of the configuration's", positiveInteger)
    .option('--find-learning-rate', "by a short range test first, in place of the configuration's")
    .addOption(repeatable('--set <setting=value>', "in place of the configuration's", 'none'))
    .addOption(
      new Option('--engine <engine>', 'compiled for ONNX Runtime, or evaluated by tfjs')
        .choices(['ort', 'tfjs'])
        .default('ort'),
    )
    .addOption(
      new Option('--provider <provider>', 'where ONNX Runtime computes')
        .choices(['auto', 'cpu', 'cuda', 'webgpu'])
        .default('cpu'),
    )
    .addOption(
      new Option('--precision <precision>', 'single: 32-bit floats; mixed: products in 16-bit floats')
        .choices(['single', 'mixed'])
        .default('single'),
    )
    .option('--threads <count>', 'threads of an operation; 0: as many as there are cores', naturalNumber, 0)
    .addHelpText('after', NOTES)
    .action(async (options: TrainCommandOptions) => {
      // Loaded here only: tfjs takes a second to load.
      const { runTraining } = await import('../training/run-training.js');
      session.exitCode = await runTraining(session, options);
    });
}
