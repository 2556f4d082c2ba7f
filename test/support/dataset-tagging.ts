import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommandLine } from '../../src/cli/program.js';
import type { DetectFacesResponse } from '../../src/generated/symface/v1/DetectFacesResponse.js';
import {
  failedCall,
  type FakeAnswers,
  type FakeFailure,
  type FakeServer,
  startFakeServer,
} from './fake-symface-server.js';
import { RecordingTerminal } from './recording-terminal.js';
import { sampleFace } from './sample-face.js';

export type TaggingAnswer = Partial<DetectFacesResponse> | FakeFailure;

/** A folder of its own for data sets, and `symface dataset tag` on it, with servers that record what they are sent. */
export class DatasetTagging {
  /** What servers have been sent, in order: the images' content as text. */
  sent: string[] = [];
  private server: FakeServer | undefined;

  private constructor(readonly folder: string) {}

  static async inNewFolder(): Promise<DatasetTagging> {
    return new DatasetTagging(await mkdtemp(join(tmpdir(), 'symface-tag-')));
  }

  async remove(): Promise<void> {
    this.server?.stop();
    await rm(this.folder, { recursive: true });
  }

  /** @returns the path of the file */
  async write(name: string, content = name): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** A server whose detector answers by an image's content. */
  detecting(answerOf: (content: string) => TaggingAnswer, detector = 'detector-1'): FakeAnswers {
    return {
      models: {
        ListModelVersions: (_, done) => {
          const inactive = { name: 'modelVersions/detector-0', active: false };
          done(null, { modelVersions: [inactive, { name: `modelVersions/${detector}`, active: true }] });
        },
      },
      verification: {
        DetectFaces: ({ request }, done) => {
          const content = request.image?.content.toString() ?? '';
          this.sent.push(content);
          const answer = answerOf(content);
          if ('message' in answer) {
            done(failedCall(answer));
            return;
          }
          const size = { imageWidth: 100, imageHeight: 80 };
          done(null, { faces: [sampleFace], ...size, detectorVersion: detector, ...answer });
        },
      },
    };
  }

  /** Runs the command against a server that answers so. */
  async tag(answers: FakeAnswers, ...args: string[]) {
    this.server?.stop();
    this.server = await startFakeServer(answers);
    const terminal = new RecordingTerminal();
    const command = ['dataset', 'tag', ...args, '--server', this.server.address];
    const exitCode = await runCommandLine(command, terminal);
    return { exitCode, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n'), terminal };
  }
}

/** The lines of a file of tags. @throws Error where the last one is not whole */
export async function tagLines(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  if (!text.endsWith('\n')) throw new Error(`${file} ends within a line`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
