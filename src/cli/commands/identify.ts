import { Command } from 'commander';
import type { IdentifyResponse__Output } from '../../generated/symface/v1/IdentifyResponse.js';
import { eachImage } from '../each-image.js';
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
import { faceJson, faceLine } from '../report/face-report.js';
import { cosine, positiveInteger, type Session } from '../session.js';

interface IdentifyOptions extends CollectionOption, QualityOptions {
  readonly json?: true;
  readonly top: number;
  readonly threshold?: number;
  readonly approximate?: true;
  readonly face: FaceChoice;
}

const EXAMPLES = `
Examples:
  symface identify someone.jpg
  symface identify *.jpg --collection staff --top 1 --json`;

export function identifyCommand(session: Session): Command {
  const command = new Command('identify')
    .description('whom of the enrolled subjects does a photograph show?')
    .argument('<images...>', 'image files')
    .addOption(collectionOption())
    .option('--top <count>', 'subjects to show', positiveInteger, 5)
    .option(
      '--threshold <cosine>',
      "similarity from which on a subject matches; else the model's own",
      cosine,
    )
    .option('--approximate', "search a searchable collection's index")
    .option('--json', 'print one JSON object an image')
    .addOption(faceOption(['exactly-one', 'largest'], 'exactly-one'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: IdentifyOptions, command: Command) => {
      await eachImage(session, command, paths, async (client, image) => {
        const response = await client.faceVerification.identify({
          collection: collectionNameOf(options.collection),
          image: { content: image.content },
          faceSelection: faceSelection(options.face),
          maxCandidates: options.top,
          searchMethod: options.approximate ? 'SEARCH_METHOD_APPROXIMATE' : 'SEARCH_METHOD_EXACT',
          ...(options.threshold !== undefined && { similarityThreshold: options.threshold }),
          ...qualityRequirement(options),
        });
        return options.json ? [identifyJson(response, image)] : identifyLines(response, image);
      });
    });
  return withQualityOptions(command);
}

function identifyLines(response: IdentifyResponse__Output, image: ImageFile): string[] {
  const { candidates, searchedFaceCount, threshold } = response;
  const limit = threshold === null ? '' : `, threshold ${threshold.similarity.toFixed(4)}`;
  return [
    `${image.label}: ${faceLine(response.face)}`,
    ...findingLines(response.qualityFindings, () => image.label),
    ...candidates.map(
      ({ subject, subjectDisplayName, similarity, matched }) =>
        `  ${matched ? 'MATCH   ' : 'no match'}  ${similarity.toFixed(4)}  ${namedSubject(idIn(subject), subjectDisplayName)}`,
    ),
    `  ${searchedFaceCount} enrolled faces compared${limit}`,
  ];
}

function identifyJson(response: IdentifyResponse__Output, image: ImageFile): string {
  const { face, candidates, ...rest } = response;
  const named = candidates.map((candidate) => ({ ...candidate, subjectId: idIn(candidate.subject) }));
  return JSON.stringify({ file: image.path, candidates: named, ...rest, queryFace: faceJson(face) });
}
