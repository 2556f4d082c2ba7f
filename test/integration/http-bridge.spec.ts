import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Code, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { FaceVerificationService } from '../../src/console/generated/symface/v1/face_verification_service_pb.js';
import { JobService, JobState } from '../../src/console/generated/symface/v1/job_service_pb.js';
import { bridgeHandler } from '../../src/service/platform/http/bridge/bridge-handler.js';
import { type FakeAnswers, type FakeServer, startFakeServer } from '../support/fake-symface-server.js';

const open: { readonly http: Server; readonly client: Client; readonly fake: FakeServer }[] = [];

/** A bridge to a service with canned answers. @returns its address */
async function bridgeTo(answers: FakeAnswers): Promise<string> {
  const fake = await startFakeServer(answers);
  const client = new Client(fake.address, credentials.createInsecure());
  const handler = bridgeHandler(client);
  const http = createServer((request, response) => {
    handler(request, response, () => response.writeHead(404).end());
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  open.push({ http, client, fake });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('the bridge has no port');
  return `http://127.0.0.1:${address.port}`;
}

function closeAll(): void {
  for (const { http, client, fake } of open.splice(0)) {
    http.closeAllConnections();
    http.close();
    client.close();
    fake.stop();
  }
}
afterEach(closeAll);
afterAll(closeAll);

const states = ['JOB_STATE_QUEUED', 'JOB_STATE_RUNNING', 'JOB_STATE_SUCCEEDED'] as const;

describe.each([
  ['Connect', createConnectTransport],
  ['gRPC-Web', createGrpcWebTransport],
])('%s through the bridge', (_name, transportOf) => {
  it('streams answers in their order, and ends', async () => {
    const baseUrl = await bridgeTo({
      jobs: {
        WatchJob: (call) => {
          for (const state of states) call.write({ job: { name: call.request.name, state } });
          call.end();
        },
      },
    });
    const jobs = createClient(JobService, transportOf({ httpVersion: '1.1', baseUrl }));
    const seen: string[] = [];
    for await (const { job } of jobs.watchJob({ name: 'jobs/1' })) seen.push(`${job?.name} ${job?.state}`);
    expect(seen).toEqual(
      [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED].map((state) => `jobs/1 ${state}`),
    );
  });

  it('ends the call at the service when its caller leaves', async () => {
    let left = (): void => undefined;
    const leaving = new Promise<void>((resolve) => {
      left = resolve;
    });
    const baseUrl = await bridgeTo({
      jobs: {
        WatchJob: (call) => {
          call.write({ job: { name: 'jobs/1', state: 'JOB_STATE_RUNNING' } });
          call.on('cancelled', left);
        },
      },
    });
    const jobs = createClient(JobService, transportOf({ httpVersion: '1.1', baseUrl }));
    const caller = new AbortController();
    const watching = async (): Promise<void> => {
      for await (const { job } of jobs.watchJob({ name: 'jobs/1' }, { signal: caller.signal })) {
        expect(job?.state).toBe(JobState.RUNNING);
        caller.abort();
      }
    };
    await expect(watching()).rejects.toMatchObject({ code: Code.Canceled });
    await leaving;
  });

  it('passes the deadline on, and what is not implemented as such', async () => {
    let deadline: unknown;
    const baseUrl = await bridgeTo({
      verification: {
        DetectFaces: (call, answer) => {
          deadline = call.getDeadline();
          answer(null, { faces: [] });
        },
      },
    });
    const transport = transportOf({ httpVersion: '1.1', baseUrl });
    const client = createClient(FaceVerificationService, transport);
    const before = Date.now();
    await client.detectFaces({}, { timeoutMs: 5_000 });
    expect(Number(deadline) - before).toBeGreaterThan(4_000);
    expect(Number(deadline) - before).toBeLessThan(6_500);
    await expect(client.verify({})).rejects.toMatchObject({ code: Code.Unimplemented });
  });

  it('says of a call that has taken too long that its deadline has passed, not that its caller has left', async () => {
    const baseUrl = await bridgeTo({ verification: { DetectFaces: () => undefined } });
    const client = createClient(FaceVerificationService, transportOf({ httpVersion: '1.1', baseUrl }));
    const headers = { 'Content-Type': 'application/json', 'Connect-Timeout-Ms': '20' };
    const url = `${baseUrl}/symface.v1.FaceVerificationService/DetectFaces`;
    for (let call = 0; call < 10; call++) {
      const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
      expect([answer.status, await answer.json()]).toEqual([
        504,
        expect.objectContaining({ code: 'deadline_exceeded' }),
      ]);
    }
    await expect(client.detectFaces({}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
    });
  });
});

describe('the bridge', () => {
  it('answers a call that has months', async () => {
    const baseUrl = await bridgeTo({
      verification: {
        DetectFaces: (_call, answer) => {
          setTimeout(answer, 50, null, { faces: [] });
        },
      },
    });
    const headers = { 'Content-Type': 'application/json', 'Connect-Timeout-Ms': '9999999999' };
    const url = `${baseUrl}/symface.v1.FaceVerificationService/DetectFaces`;
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(200);
  });
});
