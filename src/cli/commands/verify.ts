import { Command, Option } from 'commander';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { VerifyResponse__Output } from '../../generated/symface/v1/VerifyResponse.js';
import type { VerifySubjectResponse__Output } from '../../generated/symface/v1/VerifySubjectResponse.js';
import { EXIT_NO_MATCH, EXIT_OK } from '../exit-code.js';
import { CommandFailure } from '../command-failure.js';
import { type CollectionOption, collectionOption, subjectNameOf } from '../enrolment-names.js';
import { faceOption, faceSelection, type FaceChoice } from '../face-selection.js';
import { readImageFile, type ImageFile } from '../image-file.js';
import {
  findingLines,
  qualityRequirement,
  type QualityOptions,
  withQualityOptions,
} from '../quality-requirement.js';
import { faceJson, faceLine } from '../report/face-report.js';
import { cosine, falseMatchRate, type Session } from '../session.js';

interface VerifyOptions extends CollectionOption, QualityOptions {
  readonly subject?: string;
  readonly policy: 'best' | 'mean';
  readonly json?: true;
  readonly threshold?: number;
  readonly fmr?: number;
  readonly face: FaceChoice;
}

const EXAMPLES = `
Exit status: 0 the faces match, 1 they do not, 2 something went wrong.

Examples:
  symface verify passport.jpg selfie.jpg
  symface verify a.jpg b.jpg --threshold 0.5 --json
  symface verify a.jpg --subject ada --collection staff
  symface verify group.jpg b.jpg --face largest && echo "same person"`;

export function verifyCommand(session: Session): Command {
  const command = new Command('verify')
    .description('do two photographs, or a photograph and an enrolled subject, show the same person?')
    .argument('<A>', 'image file')
    .argument('[B]', 'image file; or --subject')
    .option('--subject <id>', 'compare with this enrolled subject')
    .addOption(collectionOption())
    .addOption(
      new Option('--policy <policy>', "the best of the subject's faces, or their mean")
        .choices(['best', 'mean'])
        .default('best'),
    )
    .option('--json', 'print one JSON object')
    .option('--threshold <cosine>', "similarity from which on faces match; else the model's own", cosine)
    .addOption(
      new Option('--fmr <rate>', 'the calibrated threshold of this false match rate')
        .argParser(falseMatchRate)
        .conflicts('threshold'),
    )
    .addOption(faceOption(['exactly-one', 'largest'], 'exactly-one'))
    .addHelpText('after', EXAMPLES)
    .action(async (a: string, b: string | undefined, options: VerifyOptions, command: Command) => {
      await session.callServer(command, async (client) => {
        if (options.subject !== undefined) {
          if (b !== undefined) throw new CommandFailure('Give a second image or --subject, not both.');
          return verifySubject(session, client, await readImageFile(a), options.subject, options);
        }
        if (b === undefined) throw new CommandFailure('Give a second image, or --subject <id>.');
        const images = [await readImageFile(a), await readImageFile(b)] as const;
        const response = await verify(client, images, options);
        const lines = options.json ? [verifyJson(response, images)] : verifyLines(response, images);
        for (const line of lines) session.terminal.out(line);
        return response.matched ? EXIT_OK : EXIT_NO_MATCH;
      });
    });
  return withQualityOptions(command);
}

async function verifySubject(
  session: Session,
  client: SymFaceClient,
  image: ImageFile,
  subjectId: string,
  options: VerifyOptions,
): Promise<number> {
  const response = await client.faceVerification.verifySubject({
    subject: subjectNameOf(options.collection, subjectId),
    image: { content: image.content },
    faceSelection: faceSelection(options.face),
    policy: options.policy === 'mean' ? 'SUBJECT_POLICY_MEAN' : 'SUBJECT_POLICY_BEST',
    ...(options.threshold !== undefined && { similarityThreshold: options.threshold }),
    ...(options.fmr !== undefined && { falseMatchRate: options.fmr }),
    ...qualityRequirement(options),
  });
  const lines = options.json ? [verifySubjectJson(response, image)] : verifySubjectLines(response, image);
  for (const line of lines) session.terminal.out(line);
  return response.matched ? EXIT_OK : EXIT_NO_MATCH;
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
      ...(options.threshold !== undefined && { similarityThreshold: options.threshold }),
      ...(options.fmr !== undefined && { falseMatchRate: options.fmr }),
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

type Verdict = Pick<VerifyResponse__Output, 'matched' | 'similarity' | 'threshold' | 'matchProbability'>;

function verdictLine(response: Verdict): string {
  const { matched, similarity, threshold } = response;
  const verdict = matched ? 'MATCH' : 'NO MATCH';
  const limit = threshold === null ? 'unknown' : threshold.similarity.toFixed(4);
  return `${verdict}  similarity ${similarity.toFixed(4)}, threshold ${limit}${thresholdOrigin(response)}${probability(response)}`;
}

/** Certainty is more than a calibration knows. */
const certainProbability = 0.9995;

function probability({ matchProbability }: Verdict): string {
  if (matchProbability === undefined) return '';
  const isCertain = Math.max(matchProbability, 1 - matchProbability) > certainProbability;
  const bound = matchProbability > 0.5 ? '> 99.9 %' : '< 0.1 %';
  return `, match probability ${isCertain ? bound : `${(matchProbability * 100).toFixed(1)} %`}`;
}

function thresholdOrigin({ threshold }: Verdict): string {
  if (threshold === null) return '';
  if (threshold.origin === 'THRESHOLD_ORIGIN_REQUEST') return ' (as asked)';
  const calibrated = threshold.origin === 'THRESHOLD_ORIGIN_CALIBRATION' ? 'calibrated' : "the model's own";
  return ` (${calibrated}${threshold.description === '' ? '' : `: ${threshold.description}`})`;
}

function verifyJson(response: VerifyResponse__Output, [a, b]: readonly [ImageFile, ImageFile]): string {
  const { matched, similarity, threshold, modelVersion, detectorVersion, faceA, faceB } = response;
  const { matchProbability, qualityFindings } = response;
  return JSON.stringify({
    matched,
    similarity,
    threshold,
    matchProbability,
    qualityFindings,
    modelVersion,
    detectorVersion,
    imageA: { file: a.path, face: faceJson(faceA) },
    imageB: { file: b.path, face: faceJson(faceB) },
  });
}
