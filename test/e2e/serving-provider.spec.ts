import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SymFaceClient } from '../../src/client/symface-client.js';
import { cosineSimilarity } from '../../src/core/verification/similarity.js';
import {
  photographOfAnotherPerson,
  photographOfOnePerson,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { isFullSuite } from '../support/full-suite.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { sharedService } from '../support/shared-servers.js';
import { softwareGpu } from '../support/software-gpu.js';

// Its start takes a software GPU most of a minute of both processors.
const gpu = isFullSuite ? softwareGpu('serving on WebGPU') : undefined;

describe('a provider that the machine lacks', () => {
  it.each(['cuda', 'webgpu'])('ends the service at its start: %s', async (provider) => {
    // No Vulkan driver, and no GPU for CUDA wherever there is one.
    const without = { VK_ICD_FILENAMES: '/dev/null', VK_DRIVER_FILES: '/dev/null', CUDA_VISIBLE_DEVICES: '' };
    const start = startRunningServer({ ...without, SYMFACE_SERVING_PROVIDER: provider });
    const message = await start.then(
      async (server) => server.stop().then(() => 'it serves'),
      (error: unknown) =>
        error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error),
    );
    expect(message).toContain(`SYMFACE_SERVING_PROVIDER: this machine cannot serve on ${provider}: `);
    expect(message).toMatch(/docs\/workers\.md.*SYMFACE_SERVING_PROVIDER=cpu/su);
    expect(message).toContain('exit code 2');
  });
});

describe.skipIf(gpu === undefined)('serving on WebGPU', () => {
  let onGpu: RunningServer;
  let clients: readonly [cpu: SymFaceClient, gpu: SymFaceClient];

  beforeAll(async () => {
    const onCpu = await sharedService();
    onGpu = await startRunningServer({
      ...gpu,
      SYMFACE_SERVING_PROVIDER: 'webgpu',
      SYMFACE_MAX_BATCH_SIZE: '2',
    });
    const clientOf = (server: string): SymFaceClient => new SymFaceClient({ server, timeoutMs: 120_000 });
    clients = [clientOf(onCpu.address), clientOf(onGpu.address)];
  }, 240_000);

  afterAll(async () => {
    for (const client of clients) client.close();
    await onGpu.stop();
  });

  it('is what the service says it does', () => {
    expect(onGpu.output()).toContain('ONNX Runtime, WebGPU, 1 workers');
  });

  it('finds and embeds the faces of concurrent calls as the processor does', async () => {
    const photographs = await Promise.all([
      photographOfOnePerson(),
      secondPhotographOfThatPerson(),
      photographOfAnotherPerson(),
    ]);
    const [cpuFaces, gpuFaces] = await Promise.all(
      clients.map(async ({ faceVerification }) =>
        Promise.all(
          photographs.map(
            async (content) => (await faceVerification.embed({ image: { content } })).embeddings[0]!,
          ),
        ),
      ),
    );
    cpuFaces!.forEach((onProcessor, index) => {
      const onWebGpu = gpuFaces![index]!;
      const [a, b] = [onProcessor, onWebGpu].map(({ values }) => Float32Array.from(values));
      expect(cosineSimilarity(a!, b!)).toBeGreaterThan(0.9999);
      expect(onWebGpu.face!.landmarks!.nose!.x).toBeCloseTo(onProcessor.face!.landmarks!.nose!.x, 1);
    });
  });
});
