import { spawn } from 'node:child_process';
import { ConfigurationError } from '../configuration/configuration-error.js';

const timeLimitMs = 30_000;
/** A key has 44 characters: more is something else. */
const maximumBytes = 4096;

/**
 * What a program prints, such as a client of a key management service. It is run without a shell; what it writes to its standard
 * error goes to this process's.
 * @param setting the variable that names it, for messages, in which no output stands
 * @throws ConfigurationError where it cannot be started, fails, takes too long or prints too much
 */
export async function readKeyCommand(
  [program = '', ...args]: readonly string[],
  setting: string,
  limitMs: number = timeLimitMs,
): Promise<string> {
  const fails = (how: string): ConfigurationError =>
    new ConfigurationError(
      `${setting}: the program ${program} ${how}. It must print 32 bytes in base64 and end with 0.`,
    );
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maximumBytes) pieces.push(piece);
      else child.kill('SIGKILL');
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(fails(`cannot be started (${error.code ?? error.name})`));
    });
    child.on('close', (code, signal) => {
      if (bytes > maximumBytes) reject(fails('printed more than a key'));
      else if (signal !== null) reject(fails(`was ended (${signal}): it may take ${limitMs / 1000} s`));
      else if (code !== 0) reject(fails(`ended with ${code ?? 'nothing'}`));
      else resolve(Buffer.concat(pieces).toString('utf8'));
    });
  });
}
