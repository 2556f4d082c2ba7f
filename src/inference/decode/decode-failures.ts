import { Failure } from '../../core/failure.js';
import { type DecodedFormat, supportedFormatsText } from '../../core/images/image-format.js';

/** @param what the bytes are, as the end of a sentence */
export function unsupported(what = 'in no supported image format'): Failure {
  return new Failure('IMAGE_FORMAT_UNSUPPORTED', `The bytes are ${what}. Send ${supportedFormatsText}.`);
}

/** iPhones' own format: there is no decoder of HEVC under a licence that goes with this one's. */
export function heicUnsupported(): Failure {
  return new Failure(
    'IMAGE_FORMAT_UNSUPPORTED',
    'The image is HEIC, which is not decoded here. Convert it to JPEG: phones do so when they share a photograph as "most ' +
      'compatible", on a computer "heif-convert photo.heic photo.jpg".',
    { format: 'HEIC' },
  );
}

/** A decoder's own message may name files or internals, so it stays in the cause, for the log. */
export function unreadable(format: DecodedFormat, cause?: unknown): Failure {
  return new Failure(
    'IMAGE_UNREADABLE',
    `The ${format} image is truncated or corrupt. Check that the upload was complete, or save it again.`,
    { format },
    [],
    { cause },
  );
}
