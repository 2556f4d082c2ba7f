import { Command, Option } from 'commander';
import { shiftNames } from '../../datasets/degradation/shift-names.js';
import { defaultFrontalCount } from '../../datasets/degradation/profile-choice.js';
import type { DegradeOptions } from '../degradation/run-degradation.js';
import { naturalNumber, positiveInteger, type Session } from '../session.js';

const NOTES = `
Makes a set from a folder with one folder an identity, laid out as that is, to see what a shift of a site's pictures costs a
model and what a retraining gains (docs/domain-shift.md). No server is asked.
  camera         a low resolution: the square crop of 1.8 times the face has 44 pixels; noise, JPEG of quality 40, enlarged again
  near-infrared  grey as an infrared lamp shows it, of low contrast, with noise
  masks          a mask is drawn over mouth and chin, by the face's landmarks
  profiles       of each identity all photographs from the side and few from the front; no pixel is changed
  motion-blur    along a line of 0.08 to 0.24 of the face's width
  low-light      10 to 30 % of the light, with noise
Faces are found by the default detector in processes of this command's own, or read from --tags. What is drawn depends on the
seed and each image's name alone: the same command makes the same files.

Examples:
  symface dataset degrade /data/faces --shift camera --output /data/faces-camera
  symface dataset degrade /data/cfp --shift profiles --output /data/cfp-profiles
  symface dataset degrade /data/faces --shift masks --tags /data/faces/tags.jsonl --seed 2 --output /data/faces-masks`;

export function degradeCommand(session: Session): Command {
  return new Command('degrade')
    .description(
      'make a copy of a folder of identities as a poor camera, poor light, masks and so on would show them',
    )
    .argument('<folder>', 'with one folder an identity')
    .addOption(
      new Option('--shift <name>', 'what is different there').choices(shiftNames).makeOptionMandatory(),
    )
    .requiredOption('--output <folder>', 'where the set goes; it must be empty or not be there')
    .option('--seed <number>', 'seed of the random choices', naturalNumber, 1)
    .option('--tags <file>', 'where the faces are, by "symface dataset tag"; else they are detected')
    .option(
      '--frontal <count>',
      'of profiles: photographs from the front that each identity keeps at most',
      naturalNumber,
      defaultFrontalCount,
    )
    .option('--parallel <count>', 'images at a time', positiveInteger, 4)
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (folder: string, options: DegradeOptions) => {
      // Loaded here only: what reads and writes images takes time to load.
      const { runDegradation } = await import('../degradation/run-degradation.js');
      session.exitCode = await runDegradation(session, folder, options);
    });
}
