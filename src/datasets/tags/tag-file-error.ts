/**
 * A file that is there cannot be gone on with.
 * `outdated`: it holds tags, of another kind than are to be written, and may be replaced by those.
 * `foreign`: it is something else, and must not be overwritten.
 */
export class TagFileError extends Error {
  override readonly name = 'TagFileError';

  /** @param message what the file is, as the end of a sentence that begins with its path */
  constructor(
    message: string,
    readonly state: 'outdated' | 'foreign',
  ) {
    super(message);
  }
}
