import { readFileSync } from 'node:fs';

/**
 * What a gateway has open beside the connections of its clients: modules, libraries, database and workers take some 170, and jobs,
 * backups and connections to PostgreSQL come beside them.
 */
const ownFiles = 512;
/** gRPC and HTTP. */
const ports = 2;

/**
 * How many files and connections this process may have open at a time; Infinity where the system does not say.
 * @param limits as /proc/self/limits has them; undefined where there is no such file
 */
export function openFilesLimit(limits = limitsOfThisProcess()): number {
  // Node raises the soft limit to the hard one as it starts.
  return Number(/^Max open files\s+(?<soft>\d+)/mu.exec(limits ?? '')?.groups?.['soft'] ?? Infinity);
}

/**
 * How many connections a port can have: where all files are taken by connections, Node cannot even ask for the memory of its own
 * process, and whoever opens them and says nothing has the service.
 * @param wanted by the settings
 */
export function connectionsWithin(wanted: number, files = openFilesLimit()): number {
  return Math.min(wanted, Math.max(1, Math.floor((files - ownFiles) / ports)));
}

function limitsOfThisProcess(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
}
