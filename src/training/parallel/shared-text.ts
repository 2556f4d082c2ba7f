import type { ProcessGroup } from '../../learning/engines/process-group.js';

/**
 * Tells all processes a text of the first one.
 * @param own the first process's; of the others it is not looked at
 */
export async function sharedText(own: string, processes: ProcessGroup): Promise<string> {
  const bytes = processes.rank === 0 ? Buffer.from(own) : Buffer.alloc(0);
  const length = Float64Array.of(bytes.length);
  await processes.share([length]);
  // A number a byte: there is nothing but numbers to share, and texts are short.
  const codes = new Float64Array(length[0] ?? 0);
  codes.set(bytes);
  await processes.share([codes]);
  return Buffer.from(codes).toString();
}
