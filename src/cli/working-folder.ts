import { CommandFailure } from './command-failure.js';

/**
 * Packages ask for it as they load, files are relative to it, and the system's error names neither it nor what to do.
 * @throws CommandFailure where the folder that this process works in is gone
 */
export function requireWorkingFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw new CommandFailure(
      'The folder that this command was started in was removed, or cannot be read. Change to another (cd ~), or to it once more where ' +
        'it was made anew (cd "$PWD"), and run the command again.',
      { cause },
    );
  }
}
