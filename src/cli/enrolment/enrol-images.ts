import { createHash } from 'node:crypto';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceServices } from '../../client/service-methods.js';
import { maximumImageBytes } from '../../contract/contract.js';
import type { EnrollFacesRequest } from '../../generated/symface/v1/EnrollFacesRequest.js';
import { CommandFailure } from '../command-failure.js';
import { subjectNameOf } from '../enrolment-names.js';
import { readImageFile } from '../image-file.js';
import { severalAtATime } from '../in-order.js';
import { isPassing, withRetries } from '../retries.js';
import type { PlannedImage } from './enrolment-plan.js';
import type { EnrolmentReport } from './enrolment-report.js';
import type { ReportLine } from './enrolment-report-text.js';

export interface EnrolImagesOptions {
  readonly collection: string;
  readonly faceSelection: NonNullable<EnrollFacesRequest['faceSelection']>;
  /** Whether images that another subject has are enrolled, too. */
  readonly allowDuplicates: boolean;
  /** Calls at a time. */
  readonly parallel: number;
}

/**
 * Enrols each image in a call of its own, several at a time.
 * @param onDone told of each image when it is reported
 * @throws RemoteFailure that would meet every image: no server, no right; what is reported stays
 */
export async function enrolImages(
  enrollment: SymFaceServices['enrollment'],
  images: readonly PlannedImage[],
  options: EnrolImagesOptions,
  report: EnrolmentReport,
  onDone: (line: ReportLine) => void,
): Promise<void> {
  await severalAtATime(images, options.parallel, async (image) => {
    const line = await enrolImage(enrollment, image, options, report.run);
    await report.add(line);
    onDone(line);
  });
}

async function enrolImage(
  enrollment: SymFaceServices['enrollment'],
  { subjectId, displayName, path }: PlannedImage,
  options: EnrolImagesOptions,
  run: string,
): Promise<ReportLine> {
  const about = { file: path, subject: subjectId, ...(displayName !== '' && { displayName }) };
  try {
    const { content } = await readImageFile(path);
    if (content.length > maximumImageBytes)
      return { ...about, outcome: 'refused', ...tooLarge(content.length) };
    const request = {
      parent: subjectNameOf(options.collection, subjectId),
      images: [{ content }],
      faceSelection: options.faceSelection,
      createSubject: true,
      displayName,
      allowDuplicates: options.allowDuplicates,
      requestId: requestIdOf(run, subjectId, path),
    };
    const { results } = await withRetries(() => enrollment.enrollFaces(request), isPassing);
    const [result] = results;
    if (result?.face) {
      const outcome = result.alreadyEnrolled ? 'already-enrolled' : 'enrolled';
      return { ...about, outcome, face: result.face.name };
    }
    if (!result?.error) throw new Error('The server answered without a result.');
    throw RemoteFailure.fromStatus(result.error);
  } catch (error) {
    if (error instanceof CommandFailure) {
      return { ...about, outcome: 'failed', reason: 'FILE_UNREADABLE', message: error.message };
    }
    if (!(error instanceof RemoteFailure) || !concernsOneImage(error)) throw error;
    const { reason = 'UNKNOWN', message } = error;
    return { ...about, outcome: isPassing(error) ? 'failed' : 'refused', reason, message };
  }
}

/**
 * Bad images and gates are refused with INVALID_ARGUMENT or, for conflicts, FAILED_PRECONDITION. Other subjects than one that was
 * merged go on.
 */
function concernsOneImage(failure: RemoteFailure): boolean {
  if (failure.reason === undefined) return false;
  if (failure.reason === 'SUBJECT_MERGED') return true;
  return isPassing(failure) || ['INVALID_ARGUMENT', 'FAILED_PRECONDITION'].includes(failure.codeName);
}

function requestIdOf(run: string, subjectId: string, path: string): string {
  const digest = createHash('sha256').update(`${subjectId}\n${path}`).digest('hex').slice(0, 32);
  return `${run}/${digest}`;
}

/** The transport refuses what the service cannot take without a reason, so it is not sent. */
function tooLarge(byteCount: number): Pick<ReportLine, 'reason' | 'message'> {
  const message = `The image has ${byteCount} bytes; the limit is ${maximumImageBytes}. Compress it or scale it down.`;
  return { reason: 'IMAGE_TOO_LARGE', message };
}
