import { Command, Option } from 'commander';
import type { ExperimentOptions } from '../experiment/experiment.js';
import { naturalNumber, positiveInteger, repeatable, type Session } from '../session.js';

const NOTES = `
The experiment file has a base configuration, axes along which it is varied, and seeds (docs/experiments.md);
recipes/experiments/ has some. Each combination is trained from each seed by "symface train" in a process of its own. The
same command goes on where it was stopped: finished runs are kept, others go on at their checkpoints, failed ones are
tried again. With averageWeights the mean of the weights of each combination's runs is measured and exported too.
Results, refreshed after each run: results.json, results.md and report.html.

Exit status: 0 all runs are finished, 2 some failed, 130 stopped by Ctrl-C.

Examples:
  symface experiment --config recipes/experiments/small-loss-matrix.yaml --output runs/matrix --dry-run
  symface experiment --config recipes/experiments/small-loss-matrix.yaml --output runs/matrix --set data.path=/data/faces
  symface experiment --config my.yaml --output runs/mine --jobs 4 --threads 2`;

export function experimentCommand(session: Session): Command {
  return new Command('experiment')
    .description('train a matrix of configurations from several seeds, and compare them')
    .requiredOption('--config <file>', 'YAML: base, matrix, seeds and what is compared')
    .requiredOption('--output <folder>', 'where runs and results go')
    .option('--jobs <count>', 'runs at the same time', positiveInteger, 1)
    .option(
      '--threads <count>',
      'threads of each run; 0: the cores, divided among the jobs',
      naturalNumber,
      0,
    )
    .option('--dry-run', 'print the runs and how far they are, and train nothing')
    .option('--restart', 'train all runs anew, forgetting what is there')
    .addOption(repeatable('--set <setting=value>', 'of the base, in place of what is written', 'none'))
    .addOption(new Option('--engine <engine>', 'as of symface train').choices(['ort', 'tfjs']).default('ort'))
    .addOption(
      new Option('--provider <provider>', 'as of symface train')
        .choices(['cpu', 'cuda', 'webgpu'])
        .default('cpu'),
    )
    .addHelpText('after', NOTES)
    .action(async (options: ExperimentOptions) => {
      // Loaded here only: tfjs takes a second to load.
      const { Experiment } = await import('../experiment/experiment.js');
      const experiment = await Experiment.read(session, options);
      session.exitCode = await (options.dryRun ? experiment.show() : experiment.run());
    });
}
