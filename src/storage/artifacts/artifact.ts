import { Failure } from '../../core/failure.js';

/** A file that outlives the process that wrote it, such as a checkpoint. */
export interface Artifact {
  readonly name: string;
  readonly sizeBytes: number;
  /** The SHA-256 of the whole content, as hex. */
  readonly sha256: string;
  readonly createTime: Date;
}

const namePattern = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/u;
/** Fits into one file name even where each slash takes three characters. */
const maximumNameLength = 120;

/** @throws Failure INVALID_ARGUMENT */
export function requireArtifactName(name: string): void {
  if (name.length <= maximumNameLength && namePattern.test(name)) return;
  throw new Failure(
    'INVALID_ARGUMENT',
    `"${name.slice(0, maximumNameLength)}" is no name of an artifact. Use at most ${maximumNameLength} small letters, digits, ` +
      'dots, hyphens and underscores, in parts separated by slashes, each beginning with a letter or digit.',
  );
}

export function artifactNotFound(name: string): Failure {
  return new Failure('ARTIFACT_NOT_FOUND', `There is no artifact ${name}, or it was removed just now.`, {
    name,
  });
}
