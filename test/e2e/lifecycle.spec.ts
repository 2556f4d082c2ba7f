import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RemoteFailure } from '../../src/client/remote-failure.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { photographOfOnePerson } from '../support/npm-photographs.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { activate, activeBackbone } from '../support/activations.js';
import { statesOf } from '../support/jobs.js';
import { importTinyBackbone } from '../support/tiny-backbone-import.js';

let photograph: Buffer;
let server: RunningServer;
let client: SymFaceClient;

beforeAll(async () => {
  photograph = await photographOfOnePerson();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  server = await startRunningServer(settings);
  client = new SymFaceClient({ server: server.address, timeoutMs: 30_000 });
}

const embed = async () => client.faceVerification.embed({ image: { content: photograph } });

describe('the running service', () => {
  let original: string;
  let tiny: string;

  beforeAll(async () => {
    await start({ SYMFACE_WORKERS: '2' });
    original = await activeBackbone(client);
    tiny = await importTinyBackbone(client);
  });

  afterAll(async () => {
    client.close();
    await server.stop();
  });

  it('changes the model under traffic: no call fails, none mixes versions', async () => {
    const dimensionOf = new Map([
      [original, 512],
      [tiny, 4],
    ]);
    const seen = new Set<string>();
    let running = true;
    const traffic = Array.from({ length: 2 }, async () => {
      while (running) {
        const { embeddings, modelVersion } = await embed();
        seen.add(modelVersion);
        expect(embeddings[0]!.values).toHaveLength(dimensionOf.get(`modelVersions/${modelVersion}`)!);
        // Traffic that leaves the change of the model nothing makes the test long.
        await sleep(50);
      }
    });
    for (const name of [tiny, original, tiny]) {
      const [ended] = (await statesOf(client, await activate(client, name))).slice(-1);
      expect(ended).toMatchObject({ state: 'JOB_STATE_SUCCEEDED', activation: { modelVersion: name } });
      expect(ended!.activation!.previousModelVersion).not.toBe(name);
      const { modelVersion } = await client.model.getModelVersion({ name });
      expect(modelVersion).toMatchObject({ name, active: true });
      await embed();
    }
    running = false;
    await Promise.all(traffic);
    expect(seen.size).toBe(2);
    await expect(
      client.faceVerification.verify({ imageA: { content: photograph }, imageB: { content: photograph } }),
    ).rejects.toMatchObject({ codeName: 'FAILED_PRECONDITION', reason: 'THRESHOLD_NOT_CALIBRATED' });
  });

  it('does not start with a model file that was tampered with', async () => {
    // Workers of what served until just now would be warm still.
    const other = await importTinyBackbone(client, 'horizontal-flip');
    const folder = `${server.dataFolder}/models/${other.split('/')[1]!}`;
    const graph = (await readdir(folder)).find((file) => file.endsWith('.onnx'))!;
    const bytes = await readFile(`${folder}/${graph}`);
    bytes[bytes.length - 100]! ^= 1;
    await chmod(`${folder}/${graph}`, 0o600);
    await writeFile(`${folder}/${graph}`, bytes);
    const [failed] = (await statesOf(client, await activate(client, other))).slice(-1);
    expect(failed!.state).toBe('JOB_STATE_FAILED');
    expect(RemoteFailure.fromStatus(failed!.error!)).toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining(graph) as string,
    });
    expect((await embed()).modelVersion).toBe(tiny.split('/')[1]);
  });

  it('finishes accepted calls on SIGTERM, then exits with 0', async () => {
    const calls = Array.from({ length: 24 }, embed);
    // All have reached the service when it answers the first.
    await Promise.race(calls);
    server.process.kill('SIGTERM');
    const results = await Promise.allSettled(calls);
    expect(results.filter((result) => result.status === 'rejected')).toEqual([]);
    expect(await server.stop()).toBe(0);
  });
});

describe('a service of one worker and a short queue', () => {
  beforeAll(() => start({ SYMFACE_WORKERS: '1', SYMFACE_QUEUE_CAPACITY: '2', SYMFACE_MAX_BATCH_SIZE: '1' }));

  afterAll(async () => {
    client.close();
    await server.stop();
  });

  it('survives the death of the worker', async () => {
    await embed();
    const [worker] = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server.process.pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/u);
    process.kill(Number(worker), 'SIGKILL');
    expect((await embed()).embeddings).toHaveLength(1);
  });

  it('sheds load beyond its queue and says when to come back', async () => {
    const results = await Promise.allSettled(Array.from({ length: 12 }, embed));
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(12);
    for (const error of refused) {
      expect(error).toMatchObject({
        codeName: 'RESOURCE_EXHAUSTED',
        reason: 'OVERLOADED',
        retryDelayMs: 500,
      });
    }
  });
});
