import { readFileSync } from 'node:fs';
import { CommandFailure } from './command-failure.js';

/** What the modules of a gateway, its database and its workers take while it starts, and some connections. */
const neededFiles = 1_024;

/**
 * Asks whether this process may open as many files as a service does. With fewer Node says of whichever module comes too late that
 * it is not there.
 * @param limits as /proc/self/limits has them; undefined where there is no such file
 * @throws CommandFailure
 */
export function requireOpenFiles(limits = limitsOfThisProcess()): void {
  // Node raises the soft limit to the hard one as it starts.
  const files = Number(/^Max open files\s+(?<soft>\d+)/mu.exec(limits ?? '')?.groups?.['soft'] ?? Infinity);
  if (files >= neededFiles) return;
  throw new CommandFailure(
    `This process may open ${files} files and connections at a time, and needs ${neededFiles} or more: raise the limit with ` +
      '"ulimit -n 65536", LimitNOFILE= of a systemd unit, or --ulimit nofile=65536 of a container.',
  );
}

function limitsOfThisProcess(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
}
