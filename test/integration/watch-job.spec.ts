import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import { type INestApplication, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import type { Job } from '../../src/service/jobs/job.js';
import { JobTypes } from '../../src/service/jobs/job-type.js';
import { JobsController } from '../../src/service/jobs/jobs.controller.js';
import { JobQueue } from '../../src/service/jobs/job-queue.js';
import { ERROR_REPORTER } from '../../src/service/platform/grpc/error-reporter.js';
import { GrpcEndpoint, grpcTransport } from '../../src/service/platform/grpc/grpc-transport.js';

const name = 'jobs/00000000-0000-4000-8000-000000000000';
const job = {
  id: name.slice('jobs/'.length),
  kind: 'benchmark',
  state: 'running',
  requester: { actor: 'anonymous', tenant: 'default' },
  attempt: 1,
  createTime: new Date(),
} as Partial<Job> as Job;

let looks = 0;
let app: INestApplication;
let client: SymFaceClient;

@Module({})
class TestModule {}

beforeAll(async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = `127.0.0.1:${(probe.address() as { readonly port: number }).port}`;
  await once(probe.close(), 'close');
  const queue: Pick<JobQueue, 'get'> = {
    get: () => {
      looks++;
      return Promise.resolve({ ...job, attempt: looks });
    },
  };
  const types = new JobTypes();
  types.register({
    kind: 'benchmark',
    work: () => Promise.resolve(null),
    message: () => ({ benchmarkRun: {} }),
  });
  const module = {
    module: TestModule,
    controllers: [JobsController],
    providers: [
      { provide: JobQueue, useValue: queue },
      { provide: JobTypes, useValue: types },
      { provide: ERROR_REPORTER, useValue: { report: () => undefined } },
    ],
  };
  const transport = grpcTransport(
    address,
    new GrpcEndpoint(60_000),
    [],
    ServerCredentials.createInsecure(),
    100,
  );
  Logger.overrideLogger(false);
  app = await NestFactory.create(module);
  app.connectMicroservice(transport);
  await app.startAllMicroservices();
  client = new SymFaceClient({ server: address, timeoutMs: 10_000 });
});

afterAll(async () => {
  client.close();
  await app.close();
});

it('a watcher whose call is cancelled costs no more looks, whether it listens or waits', async () => {
  const attempts: number[] = [];
  for await (const state of client.job.watchJob({ name })) {
    attempts.push(state.job!.attempt);
    if (attempts.length === 2) break;
  }
  expect(attempts).toEqual([1, 2]);
  // What was under way when the call ended.
  await sleep(100);
  const atEnd = looks;
  await sleep(1_300);
  expect(looks).toBe(atEnd);
});

it('200 watchers that leave cost no more looks', async () => {
  const before = looks;
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      for await (const { job: seen } of client.job.watchJob({ name })) {
        expect(seen?.name).toBe(name);
        break;
      }
    }),
  );
  expect(looks).toBeGreaterThanOrEqual(before + 200);
  await sleep(100);
  const atEnd = looks;
  await sleep(1_300);
  expect(looks).toBe(atEnd);
});

// The last one: it closes the service.
it('a shutdown does not wait for watchers: they are told', async () => {
  const watching = (async () => {
    for await (const { job: seen } of client.job.watchJob({ name })) expect(seen?.name).toBe(name);
  })();
  const refused = expect(watching).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
  const before = looks;
  await expect.poll(() => looks).toBeGreaterThan(before);
  const beginMs = performance.now();
  await app.close();
  expect(performance.now() - beginMs).toBeLessThan(2_000);
  await refused;
});
