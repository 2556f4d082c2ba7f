import { counted } from '../../core/counted.js';
import { Command } from 'commander';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { Candidate__Output } from '../../generated/symface/v1/Candidate.js';
import type { IdentifiedFace__Output } from '../../generated/symface/v1/IdentifiedFace.js';
import type { IdentifyRequest } from '../../generated/symface/v1/IdentifyRequest.js';
import type { IdentifyResponse__Output } from '../../generated/symface/v1/IdentifyResponse.js';
import { CommandFailure } from '../command-failure.js';
import {
  answerOrFailure,
  eachImage,
  type ImagesOptions,
  parallelOption,
  printedInOrder,
} from '../each-image.js';
import { type EmbeddingOfFile, readEmbeddingFile } from '../embedding-file.js';
import {
  type CollectionOption,
  collectionNameOf,
  collectionOption,
  idIn,
  namedSubject,
} from '../enrolment-names.js';
import { type FaceChoice, faceOption, faceSelection } from '../face-selection.js';
import type { ImageFile } from '../image-file.js';
import {
  findingLines,
  qualityRequirement,
  type QualityOptions,
  withQualityOptions,
} from '../quality-requirement.js';
import { errorLine } from '../report/error-line.js';
import { faceJson, faceLine } from '../report/face-report.js';
import { positiveInteger, type Session } from '../session.js';
import { type PolicyOption, policyOption, subjectPolicy } from '../subject-policy.js';
import { thresholdFields, type ThresholdOptions, withThresholdOptions } from '../threshold-options.js';

interface IdentifyOptions
  extends CollectionOption, ImagesOptions, ThresholdOptions, QualityOptions, PolicyOption {
  readonly top: number;
  readonly approximate?: true;
  readonly face: FaceChoice;
  readonly draw?: string;
  readonly embeddings?: string;
}

const EXAMPLES = `
With --draw the picture shows each face's box with its number in the list and the subject that it matches, or "?".
--embeddings takes what "symface embed --json" printed, here or on another machine with the same model; the API key must be of
the role device or admin.

Examples:
  symface identify someone.jpg
  symface identify someone.jpg --fmr 1e-4
  symface identify group.jpg --face all --draw who.png
  symface identify *.jpg --collection staff --top 1 --parallel 8 --json
  symface identify --embeddings faces.jsonl`;

export function identifyCommand(session: Session): Command {
  const command = new Command('identify')
    .description('which enrolled subject does a photograph show?')
    .argument('[images...]', 'image files')
    .addOption(collectionOption())
    .option('--top <count>', 'subjects to show of a face', positiveInteger, 5)
    .addOption(policyOption());
  return withQualityOptions(withThresholdOptions(command))
    .option('--draw <file>', 'write a picture of who is who (PNG); takes one image')
    .option('--embeddings <file>', 'faces that are embedded already, instead of images')
    .option('--approximate', "search a searchable collection's index")
    .option('--json', 'print one JSON object an image')
    .addOption(faceOption(['exactly-one', 'largest', 'all'], 'exactly-one'))
    .addOption(parallelOption())
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: IdentifyOptions, command: Command) => {
      const problem = problemOf(paths, options);
      if (problem !== undefined) session.fail(new CommandFailure(problem));
      else if (options.embeddings === undefined) await identifyImages(session, command, paths, options);
      else await identifyEmbeddings(session, command, options.embeddings, options);
    });
}

/** Why these arguments do not go together; undefined where they do. */
function problemOf(paths: readonly string[], { draw, embeddings }: IdentifyOptions): string | undefined {
  if (embeddings !== undefined && paths.length > 0) return 'Give images or --embeddings, not both.';
  if (embeddings === undefined && paths.length === 0) return 'Give images, or --embeddings <file>.';
  if (draw === undefined) return undefined;
  return paths.length === 1 ? undefined : '--draw takes one image. Run the command once for each.';
}

async function identifyImages(
  session: Session,
  command: Command,
  paths: readonly string[],
  options: IdentifyOptions,
): Promise<void> {
  const allFaces = options.face === 'all';
  await eachImage(session, command, paths, async (client, image) => {
    const response = await identify(client, options, {
      image: { content: image.content },
      faceSelection: faceSelection(options.face),
    });
    if (options.draw !== undefined) await drawIdentified(image, response, options.draw);
    return {
      lines: options.json ? [identifyJson(response, image)] : identifyLines(response, image.label, allFaces),
    };
  });
}

async function identifyEmbeddings(
  session: Session,
  command: Command,
  path: string,
  options: IdentifyOptions,
): Promise<void> {
  await session.callServer(command, async (client) => {
    const embeddings = await readEmbeddingFile(path);
    return printedInOrder(session, command, embeddings, embeddings.length, async ({ file, embedding }) => [
      await answerOrFailure(command, file, async () => {
        const response = await identify(client, options, { embedding });
        const lines = options.json
          ? [identifyJson(response, { path: file })]
          : identifyLines(response, file, false);
        return { lines };
      }),
    ]);
  });
}

async function identify(
  client: SymFaceClient,
  options: IdentifyOptions,
  probe: Pick<IdentifyRequest, 'image' | 'faceSelection'> | Pick<EmbeddingOfFile, 'embedding'>,
): Promise<IdentifyResponse__Output> {
  return client.faceVerification.identify({
    ...probe,
    collection: collectionNameOf(options.collection),
    maxCandidates: options.top,
    searchMethod: options.approximate ? 'SEARCH_METHOD_APPROXIMATE' : 'SEARCH_METHOD_EXACT',
    policy: subjectPolicy(options),
    ...thresholdFields(options),
    ...qualityRequirement(options),
  });
}

/** The faces that were searched for, whether all were asked for or one. */
function facesOf(
  response: IdentifyResponse__Output,
): readonly Pick<IdentifiedFace__Output, 'face' | 'candidates'>[] {
  return response.faces.length > 0 || response.face === null ? response.faces : [response];
}

async function drawIdentified(
  { content }: ImageFile,
  response: IdentifyResponse__Output,
  file: string,
): Promise<void> {
  const { drawFaces } = await import('../drawing/detection-drawing.js');
  const drawn = facesOf(response).flatMap(({ face, candidates }, index) => {
    const match = candidates.find(({ matched }) => matched);
    // Ids are of characters that can be drawn; display names may be of any.
    return face === null
      ? []
      : [{ face, label: `${index + 1} ${match === undefined ? '?' : idIn(match.subject)}` }];
  });
  await drawFaces(content, drawn, file);
}

function identifyLines(response: IdentifyResponse__Output, label: string, allFaces: boolean): string[] {
  const { candidates, searchedFaceCount, faces, leftOutFaceCount } = response;
  const compared = `  ${searchedFaceCount} enrolled faces compared`;
  if (!allFaces) {
    const about = response.face === null ? 'an embedding' : faceLine(response.face);
    return [
      `${label}: ${about}`,
      ...findingLines(response.qualityFindings, () => label),
      ...candidates.map((candidate) => `  ${candidateLine(candidate)}`),
      compared,
    ];
  }
  const count = faces.length === 0 ? 'no faces' : counted(faces.length, 'face');
  const leftOut = leftOutFaceCount === 0 ? '' : `; ${leftOutFaceCount} smaller ones were not searched for`;
  return [
    `${label}: ${count}${leftOut}`,
    ...faces.flatMap((identified, index) => [
      `  ${index + 1}. ${faceLine(identified.face)}`,
      ...(identified.error ? [`     not searched for: ${errorLine(identified.error)}`] : []),
      ...findingLines(identified.qualityFindings, () => `face ${index + 1}`).map((line) => `   ${line}`),
      ...identified.candidates.map((candidate) => `     ${candidateLine(candidate)}`),
    ]),
    ...(faces.length === 0 ? [] : [compared]),
  ];
}

function candidateLine(candidate: Candidate__Output): string {
  const { subject, subjectDisplayName, similarity, matched, threshold } = candidate;
  const verdict = matched ? 'MATCH   ' : 'no match';
  const limit =
    threshold === null ? 'no threshold: too poor' : `threshold ${threshold.similarity.toFixed(4)}`;
  return `${verdict}  ${similarity.toFixed(4)}  ${limit}  ${namedSubject(idIn(subject), subjectDisplayName)}`;
}

function identifyJson(response: IdentifyResponse__Output, { path }: Pick<ImageFile, 'path'>): string {
  const { face, candidates, faces, ...rest } = response;
  return JSON.stringify({
    file: path,
    candidates: candidates.map(candidateJson),
    ...rest,
    queryFace: faceJson(face),
    faces: faces.map((identified) => ({
      face: faceJson(identified.face),
      candidates: identified.candidates.map(candidateJson),
      ...(identified.error && { error: errorLine(identified.error) }),
      qualityFindings: identified.qualityFindings,
    })),
  });
}

function candidateJson(candidate: Candidate__Output): Candidate__Output & { readonly subjectId: string } {
  return { ...candidate, subjectId: idIn(candidate.subject) };
}
