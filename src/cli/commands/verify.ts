import { Command } from 'commander';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { VerifyResponse__Output } from '../../generated/symface/v1/VerifyResponse.js';
import type { VerifySubjectResponse__Output } from '../../generated/symface/v1/VerifySubjectResponse.js';
import { CommandFailure } from '../command-failure.js';
import { eachImage, type ImageAnswer, type ImagesOptions, parallelOption } from '../each-image.js';
import { type CollectionOption, collectionOption, subjectNameOf } from '../enrolment-names.js';
import { EXIT_NO_MATCH, EXIT_OK } from '../exit-code.js';
import { faceOption, faceSelection, type FaceChoice } from '../face-selection.js';
import { readImageFile, type ImageFile } from '../image-file.js';
import {
  findingLines,
  qualityRequirement,
  type QualityOptions,
  withQualityOptions,
} from '../quality-requirement.js';
import { faceJson, faceLine } from '../report/face-report.js';
import { verdictLine, verificationJson } from '../report/verification-report.js';
import type { Session } from '../session.js';
import { type PolicyOption, policyOption, subjectPolicy } from '../subject-policy.js';
import { thresholdFields, type ThresholdOptions, withThresholdOptions } from '../threshold-options.js';
import { verifyMany } from '../verify-many.js';

interface VerifyOptions
  extends CollectionOption, ImagesOptions, ThresholdOptions, QualityOptions, PolicyOption {
  readonly subject?: string;
  readonly face: FaceChoice;
}

const EXAMPLES = `
With --subject every photograph is compared with the enrolled subject; without it the first with each of the others.
Exit status: 0 the faces match (of many: all do), 1 they do not, 2 something went wrong.

Examples:
  symface verify passport.jpg selfie.jpg
  symface verify passport.jpg door-*.jpg --json
  symface verify a.jpg b.jpg --fmr 1e-4
  symface verify a.jpg --subject ada --collection staff
  symface verify group.jpg b.jpg --face largest && echo "same person"`;

export function verifyCommand(session: Session): Command {
  const command = new Command('verify')
    .description('do two photographs, or a photograph and an enrolled subject, show the same person?')
    .argument('<A>', 'image file')
    .argument('[others...]', 'image files that it is compared with; or --subject')
    .option('--subject <id>', 'compare with this enrolled subject')
    .addOption(collectionOption())
    .addOption(policyOption())
    .option('--json', 'print one JSON object a comparison');
  return withQualityOptions(withThresholdOptions(command))
    .addOption(faceOption(['exactly-one', 'largest'], 'exactly-one'))
    .addOption(parallelOption())
    .addHelpText('after', EXAMPLES)
    .action(async (a: string, others: string[], options: VerifyOptions, command: Command) => {
      const { subject } = options;
      if (subject !== undefined) {
        await eachImage(session, command, [a, ...others], (client, image) =>
          verifySubject(client, image, subject, options),
        );
        return;
      }
      const [b] = others;
      if (b === undefined) {
        session.fail(new CommandFailure('Give a second image, or --subject <id>.'));
      } else if (others.length === 1) {
        await session.callServer(command, async (client) => verifyPair(session, client, [a, b], options));
      } else {
        await verifyMany(session, command, a, others, async (client, probe, images) => {
          const request = { probe, images: [...images], faceSelection: faceSelection(options.face) };
          const settings = { ...thresholdFields(options), ...qualityRequirement(options) };
          return client.faceVerification.verifyMany({ ...request, ...settings });
        });
      }
    });
}

async function verifyPair(
  session: Session,
  client: SymFaceClient,
  [a, b]: readonly [string, string],
  options: VerifyOptions,
): Promise<number> {
  const images = [await readImageFile(a), await readImageFile(b)] as const;
  const response = await verify(client, images, options);
  const lines = options.json ? [verificationJson(response, images)] : verifyLines(response, images);
  for (const line of lines) session.terminal.out(line);
  return response.matched ? EXIT_OK : EXIT_NO_MATCH;
}

async function verifySubject(
  client: SymFaceClient,
  image: ImageFile,
  subjectId: string,
  options: VerifyOptions,
): Promise<ImageAnswer> {
  const response = await client.faceVerification.verifySubject({
    subject: subjectNameOf(options.collection, subjectId),
    image: { content: image.content },
    faceSelection: faceSelection(options.face),
    policy: subjectPolicy(options),
    ...thresholdFields(options),
    ...qualityRequirement(options),
  });
  const lines = options.json ? [verifySubjectJson(response, image)] : verifySubjectLines(response, image);
  return { lines, exitCode: response.matched ? EXIT_OK : EXIT_NO_MATCH };
}

function verifySubjectLines(response: VerifySubjectResponse__Output, image: ImageFile): string[] {
  const { bestSimilarity, meanSimilarity, comparedFaceCount } = response;
  return [
    verdictLine(response),
    `  best ${bestSimilarity.toFixed(4)}, mean ${meanSimilarity.toFixed(4)} of ${comparedFaceCount} enrolled faces`,
    `  ${image.label}: ${faceLine(response.face)}`,
    ...findingLines(response.qualityFindings, () => image.label),
    `  model ${response.modelVersion}, detector ${response.detectorVersion}`,
  ];
}

function verifySubjectJson(response: VerifySubjectResponse__Output, image: ImageFile): string {
  const { face, ...rest } = response;
  return JSON.stringify({ ...rest, image: { file: image.path, face: faceJson(face) } });
}

async function verify(
  client: SymFaceClient,
  images: readonly [ImageFile, ImageFile],
  options: VerifyOptions,
): Promise<VerifyResponse__Output> {
  const [a, b] = images;
  try {
    return await client.faceVerification.verify({
      imageA: { content: a.content },
      imageB: { content: b.content },
      faceSelection: faceSelection(options.face),
      ...thresholdFields(options),
      ...qualityRequirement(options),
    });
  } catch (error) {
    throw error instanceof RemoteFailure ? withFileName(error, images) : error;
  }
}

/** The server speaks of request fields, the user thinks in files. */
function withFileName(failure: RemoteFailure, [a, b]: readonly [ImageFile, ImageFile]): RemoteFailure {
  const field = failure.metadata['field'] ?? failure.fieldViolations[0]?.field ?? '';
  const file = field.startsWith('image_a') ? a : field.startsWith('image_b') ? b : undefined;
  if (file === undefined) return failure;
  return failure.about(file.label);
}

function verifyLines(response: VerifyResponse__Output, [a, b]: readonly [ImageFile, ImageFile]): string[] {
  return [
    verdictLine(response),
    `  ${a.label}: ${faceLine(response.faceA)}`,
    `  ${b.label}: ${faceLine(response.faceB)}`,
    ...findingLines(response.qualityFindings, (field) => (field === 'image_b' ? b : a).label),
    `  model ${response.modelVersion}, detector ${response.detectorVersion}`,
  ];
}
