import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('killed-artifact-writer.mjs', import.meta.url));

/** A process that writes an artifact of six megabytes and more, killed when it has written those. */
export async function killWriterOf(
  kind: 'directory' | 'embedded' | 'postgres',
  place: string,
  name: string,
): Promise<void> {
  const writer = spawn(process.execPath, [program, kind, place, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(writer, 'exit');
  await Promise.race([
    once(writer.stdout, 'data'),
    exited.then(() => {
      throw new Error('the writer ended by itself');
    }),
  ]);
  writer.kill('SIGKILL');
  await exited;
}
