import { Command, Option } from 'commander';
import { positiveInteger, type Session } from '../session.js';
import { TAG_FORMATS } from '../tagging/dataset-to-tag.js';
import type { TagOptions } from '../tagging/tag-dataset.js';
import { degradeCommand } from './dataset-degrade.js';
import { frontnessCommand } from './dataset-frontness.js';
import { labelFacesCommand } from './dataset-label-faces.js';
import { overlapCommand } from './dataset-overlap.js';

const EXAMPLES = `
The images are read here and sent to the server, whose detector finds the face nearest each image's middle. Its box,
landmarks, ρ, D and quality go to a file of JSON Lines, by default beside the data (docs/datasets.md). Images that have a
tag of the same bytes are not sent again, so that a run that was interrupted goes on where it was.
With --local no server is asked; the default detector looks at them in processes of this command's own.
At the end: the share of cross-posed faces at each τ, as in Table 5 of the SymFace paper.

Examples:
  symface dataset tag /data/faces --format identities                      (faces/IDENTITY/image.jpg)
  symface dataset tag /data/faces --format identities --local
  symface dataset tag /data/cfp --format identities --subfolder frontal --output cfp-frontal.jsonl
  symface dataset tag /data/lfw/pairs.txt --format lfw --images /data/lfw/images
  symface dataset tag /data/agedb_30.bin --format bin --json
  symface dataset tag /data/celeba/identities.tsv --format list --images /data/celeba/images
  symface dataset tag /data/ms1mv2/train.rec --format recordio              (train.idx beside it)`;

export function datasetCommand(session: Session): Command {
  return new Command('dataset')
    .description('prepare data sets for training and measuring')
    .addCommand(tagCommand(session))
    .addCommand(frontnessCommand(session))
    .addCommand(overlapCommand(session))
    .addCommand(labelFacesCommand(session))
    .addCommand(degradeCommand(session));
}

function tagCommand(session: Session): Command {
  return new Command('tag')
    .description("record the landmarks, frontness ρ and quality of a data set's faces beside it")
    .argument('<path>', "the folder of identities, the .bin or .rec file, the list, or CFP's folder")
    .addOption(
      new Option('--format <format>', 'how it is laid out').choices(TAG_FORMATS).makeOptionMandatory(),
    )
    .option('--images <folder>', "where the images of a list are; else the list's own folder")
    .option('--subfolder <name>', 'of each identity, only the images in this folder')
    .option('--aligned', 'the images are aligned crops; faces are detected in them all the same')
    .option('--output <file>', 'where the tags go; else <path>.tags.jsonl, or tags.jsonl in the folder')
    .option('--restart', 'tag everything anew, in place of the tags that are there')
    .option('--local', 'ask no server: the default detector, in processes of this command')
    .option('--parallel <count>', 'images at a time', positiveInteger, 4)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: TagOptions & { readonly local?: true }, command: Command) => {
      // Loaded here only: what reads and writes tags takes time to load.
      const { tagDataset } = await import('../tagging/tag-dataset.js');
      const { localDetector, servingDetector } = await import('../tagging/tagging-detectors.js');
      if (options.local !== true) {
        await session.callServer(command, async (client) =>
          tagDataset(session, await servingDetector(client), path, options),
        );
        return;
      }
      const { withLocalAnalysis } = await import('../local/local-analysis.js');
      session.exitCode = await withLocalAnalysis(session, (local) =>
        tagDataset(session, localDetector(local), path, options),
      );
    });
}
