import { counted } from '../../core/counted.js';
import { Command } from 'commander';
import type { DetectFacesResponse__Output } from '../../generated/symface/v1/DetectFacesResponse.js';
import type { Face__Output } from '../../generated/symface/v1/Face.js';
import { CommandFailure } from '../command-failure.js';
import { eachImage, parallelOption } from '../each-image.js';
import type { ImageFile } from '../image-file.js';
import { faceJson, faceLine } from '../report/face-report.js';
import type { Session } from '../session.js';

interface DetectOptions {
  readonly json?: true;
  readonly draw?: string;
  readonly halves: boolean;
}

const EXAMPLES = `
With --draw the picture shows each face's box, its five landmarks, its number in the list and ρ, and beside the photograph the aligned
crop and the two padded halves (3PSS) of each face, from the top in the order of the list.

Examples:
  symface detect group.jpg
  symface detect *.jpg --json > faces.jsonl
  symface detect face.jpg --draw out.png
  symface detect group.jpg --draw out.png --no-halves`;

export function detectCommand(session: Session): Command {
  return new Command('detect')
    .description('find faces: boxes, landmarks, frontness ρ and quality')
    .argument('<image...>', 'image files')
    .option('--json', 'print one JSON object a line, one line an image')
    .option('--draw <file>', 'write a picture of what was found (PNG); takes one image')
    .option(
      '--no-halves',
      "draw the photograph only, without each face's aligned crop and its two padded halves",
    )
    .addOption(parallelOption())
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: DetectOptions, command: Command) => {
      const { draw } = options;
      if (draw !== undefined && paths.length > 1) {
        session.fail(new CommandFailure('--draw takes one image. Run the command once for each.'));
        return;
      }
      await eachImage(session, command, paths, async (client, image) => {
        const response = await client.faceVerification.detectFaces({
          image: { content: image.content },
          includeCrops: draw !== undefined && options.halves,
        });
        if (draw !== undefined) {
          const { drawFaces } = await import('../drawing/detection-drawing.js');
          const drawn = response.faces.map((face, index) => ({ face, label: detectionLabel(face, index) }));
          await drawFaces(image.content, drawn, draw);
        }
        return { lines: options.json ? [detectJson(response, image)] : detectLines(response, image) };
      });
    });
}

/** The number that the face has in the list, and its frontness. */
function detectionLabel({ frontness }: Face__Output, index: number): string {
  return `${index + 1}${frontness === null ? '' : ` ρ=${frontness.rho.toFixed(3)}`}`;
}

function detectLines(response: DetectFacesResponse__Output, { label }: ImageFile): string[] {
  const { faces, imageWidth, imageHeight, detectorVersion } = response;
  const count = faces.length === 0 ? 'no faces' : counted(faces.length, 'face');
  return [
    `${label}: ${count} in ${imageWidth}x${imageHeight} px by ${detectorVersion}`,
    ...faces.map((face, index) => `  ${index + 1}. ${faceLine(face)}`),
  ];
}

function detectJson(response: DetectFacesResponse__Output, { path }: ImageFile): string {
  const { faces, imageWidth, imageHeight, detectorVersion } = response;
  return JSON.stringify({ file: path, imageWidth, imageHeight, detectorVersion, faces: faces.map(faceJson) });
}
