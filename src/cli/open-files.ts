import { openFilesLimit } from '../service/platform/open-files.js';
import { CommandFailure } from './command-failure.js';

/** What the modules of a gateway, its database and its workers take while it starts, and some connections. */
const neededFiles = 1_024;

/**
 * Asks whether this process may open as many files as a service does. With fewer Node says of whichever module comes too late that
 * it is not there.
 * @param limits as /proc/self/limits has them; undefined where there is no such file
 * @throws CommandFailure
 */
export function requireOpenFiles(limits?: string): void {
  const files = openFilesLimit(limits);
  if (files >= neededFiles) return;
  throw new CommandFailure(
    `This process may open ${files} files and connections at a time, and needs ${neededFiles} or more: raise the limit with ` +
      '"ulimit -n 65536", LimitNOFILE= of a systemd unit, or --ulimit nofile=65536 of a container.',
  );
}
