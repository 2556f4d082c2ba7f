import { Command } from 'commander';
import type { EmbedResponse__Output } from '../../generated/symface/v1/EmbedResponse.js';
import { faceOption, faceSelection, type FaceChoice } from '../face-selection.js';
import type { ImageFile } from '../image-file.js';
import { eachImage, parallelOption } from '../each-image.js';
import { faceJson, faceLine } from '../report/face-report.js';
import type { Session } from '../session.js';

interface EmbedOptions {
  readonly json?: true;
  readonly face: FaceChoice;
  readonly aligned?: true;
}

const SHOWN_VALUES = 4;

const EXAMPLES = `
Embeddings have unit length: compare two with their dot product, and only where model versions are equal.
With --json each image gives one line; images that fail give {"file", "error"} and the exit status 2.

Examples:
  symface embed face.jpg
  symface embed *.jpg --json --face largest > embeddings.jsonl
  symface embed crop-112.png --aligned --json`;

export function embedCommand(session: Session): Command {
  return new Command('embed')
    .description('turn faces into embeddings')
    .argument('<image...>', 'image files')
    .option('--json', 'print one JSON object a line, one line an image')
    .option('--aligned', "the images are crops already aligned to the model's template; nothing is detected")
    .addOption(faceOption(['exactly-one', 'largest', 'all'], 'exactly-one'))
    .addOption(parallelOption())
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: EmbedOptions, command: Command) => {
      await eachImage(session, command, paths, async (client, image) => {
        const response = await client.faceVerification.embed({
          image: {
            content: image.content,
            kind: options.aligned ? 'IMAGE_KIND_ALIGNED_CROP' : 'IMAGE_KIND_PHOTOGRAPH',
          },
          faceSelection: faceSelection(options.face),
        });
        return { lines: options.json ? [embedJson(response, image)] : embedLines(response, image) };
      });
    });
}

function embedLines({ embeddings, modelVersion }: EmbedResponse__Output, { label }: ImageFile): string[] {
  return embeddings.map(({ face, values }) => {
    const first = values.slice(0, SHOWN_VALUES).map((value) => value.toFixed(4));
    const numbers = `${values.length} numbers [${first.join(', ')}, …]`;
    return `${label}: ${numbers} by ${modelVersion}; ${faceLine(face)}`;
  });
}

function embedJson(
  { embeddings, modelVersion, detectorVersion }: EmbedResponse__Output,
  { path }: ImageFile,
): string {
  return JSON.stringify({
    file: path,
    modelVersion,
    detectorVersion,
    embeddings: embeddings.map(({ face, values }) => ({ face: faceJson(face), values })),
  });
}
