import type { FailureReason } from '../domain/failure.js';

/** What the user of the command line can do about each reason (docs/errors.md tells more). */
const ADVICE: Readonly<Record<FailureReason, string>> = {
  FACE_NOT_FOUND: 'Use a photograph that shows the face larger, sharper or more frontal.',
  MULTIPLE_FACES: 'Crop the photograph to one face, or take the largest with --face largest.',
  IMAGE_EMPTY: 'The file has no content; name another.',
  IMAGE_UNREADABLE: 'The file is damaged or cut short; save or download it again.',
  IMAGE_FORMAT_UNSUPPORTED: 'Convert it to JPEG, PNG, WebP, AVIF, GIF or TIFF.',
  IMAGE_TOO_LARGE: 'Scale the image down and try again.',
  INVALID_ARGUMENT: 'Correct the arguments; see --help.',
  MODEL_CONTRACT_MISMATCH:
    'Use an input or model version that fits the active one; see "symface models show".',
  MODEL_INVALID: 'Correct the manifest or the ONNX file; docs/models/manifest.md describes both.',
  MODEL_NOT_FOUND: 'List the versions there are with "symface models list".',
  THRESHOLD_NOT_CALIBRATED: 'State a cosine similarity with --threshold.',
  OVERLOADED: 'The server is busy; try again shortly.',
  DEADLINE_EXCEEDED: 'Allow more time with --timeout-ms.',
  CANCELLED: 'Try again.',
  SHUTTING_DOWN: 'The server is stopping; try again once it is back.',
  WORKER_LOST: 'A worker process ended during the call; try again.',
};

/** Empty for reasons that this version of the command does not know. */
export function adviceFor(reason: string): string {
  return Object.hasOwn(ADVICE, reason) ? ADVICE[reason as FailureReason] : '';
}
