import { describe, expect, it } from 'vitest';
import { EXIT_ERROR } from './exit-code.js';
import { tellWhereRefused } from './refused-start.js';
import { Session } from './session.js';

const session = (isInteractive: boolean, told: string[] = []): Session =>
  new Session({ out: () => undefined, err: (line) => told.push(line), isInteractive });
const refuse = async (): Promise<string> => Promise.reject(new Error('a port is taken'));

describe('tellWhereRefused', () => {
  it('leaves a refusal to whoever tells a person', async () => {
    await expect(tellWhereRefused(session(true), refuse)).rejects.toThrow('a port is taken');
  });

  it('ends the command with an error where a program reads the log', async () => {
    const told: string[] = [];
    const unwatched = session(false, told);
    expect(await tellWhereRefused(unwatched, refuse)).toBeUndefined();
    expect(told.map((line): unknown => JSON.parse(line))).toMatchObject([
      { level: 'error', msg: 'the start is refused: symface: a port is taken' },
    ]);
    expect(unwatched.exitCode).toBe(EXIT_ERROR);
  });

  it('gives what was started', async () => {
    expect(await tellWhereRefused(session(false), async () => Promise.resolve('served'))).toBe('served');
  });
});
