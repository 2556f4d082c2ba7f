/**
 * `npm run bench:http`: what a Verify costs more over HTTP than over gRPC. One client calls the same service with the same two
 * photographs over gRPC, Connect with protobuf and Connect with JSON, in turns, so that whatever else the machine does
 * falls upon all three alike. GetCaller, which computes nothing, tells what the way alone takes.
 *
 *   npm run build && npm run bench:http -- [--photo-a a.jpg --photo-b b.jpg] [--calls 100]
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { create, toBinary } from '@bufbuild/protobuf';
import { contractRegistry } from '../../dist/service/platform/http/bridge/contract-registry.js';
import { withOwnService } from '../benchmark/own-service.mjs';
import { cpuMs } from '../serve/service-process.mjs';

const { values: options } = parseArgs({
  options: {
    'photo-a': { type: 'string' },
    'photo-b': { type: 'string' },
    calls: { type: 'string', default: '100' },
  },
});
if (options['photo-a'] === undefined || options['photo-b'] === undefined) {
  console.error('Give two photographs with --photo-a and --photo-b (docs/results/http.md).');
  process.exit(2);
}
const [imageA, imageB] = await Promise.all(
  [options['photo-a'], options['photo-b']].map(async (file) => ({ content: await readFile(file) })),
);
const VerifyRequest = contractRegistry().getMessage('symface.v1.VerifyRequest');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

await withOwnService(async (client, service) => {
  const verify = {
    grpc: () => client.faceVerification.verify({ imageA, imageB }),
    connect: () => posted('FaceVerificationService/Verify', 'application/proto', verifyBytes()),
    json: () => posted('FaceVerificationService/Verify', 'application/json', verifyJson()),
  };
  const getCaller = {
    grpc: () => client.admin.getCaller({}),
    connect: () => posted('AdminService/GetCaller', 'application/proto', Buffer.alloc(0)),
    json: () => posted('AdminService/GetCaller', 'application/json', '{}'),
  };

  async function posted(method, contentType, body) {
    const call = request(`${service.httpUrl}/symface.v1.${method}`, {
      agent,
      method: 'POST',
      headers: { 'Content-Type': contentType },
    });
    call.end(body);
    const [answer] = await once(call, 'response');
    const parts = await answer.toArray();
    if (answer.statusCode !== 200) throw new Error(`${method}: ${Buffer.concat(parts)}`);
    return contentType === 'application/json'
      ? JSON.parse(Buffer.concat(parts).toString())
      : Buffer.concat(parts);
  }

  const kib = Math.round((imageA.content.length + imageB.content.length) / 1024);
  console.log(`${cpus()[0].model}, ${cpus().length} cores; two photographs of ${kib} KiB together`);
  await compare('Verify', verify, service.child.pid);
  await compare('GetCaller', getCaller, service.child.pid);
  agent.destroy();
});

/** A client makes the bytes anew for each call, so they are made anew here. */
function verifyBytes() {
  return toBinary(VerifyRequest, create(VerifyRequest, { imageA, imageB }));
}

function verifyJson() {
  return JSON.stringify({
    imageA: { content: imageA.content.toString('base64') },
    imageB: { content: imageB.content.toString('base64') },
  });
}

/** Prints the medians of each way, the gateway's CPU a call, and the median over rounds of the ratio to gRPC. */
async function compare(title, ways, gateway) {
  const names = Object.keys(ways);
  const rounds = Object.fromEntries(names.map((name) => [name, []]));
  const gatewayMs = Object.fromEntries(names.map((name) => [name, 0]));
  const calls = Number(options.calls);
  for (let round = -5; round < calls; round++) {
    for (const name of names) {
      const cpuBefore = cpuMs(gateway);
      const sentAtMs = performance.now();
      await ways[name]();
      if (round < 0) continue;
      rounds[name].push(performance.now() - sentAtMs);
      gatewayMs[name] += cpuMs(gateway) - cpuBefore;
    }
  }
  console.log(`\n${title}, ${calls} calls each, one at a time`);
  for (const name of names) {
    const ratio = median(rounds[name].map((ms, index) => ms / rounds.grpc[index]));
    const more = median(rounds[name].map((ms, index) => ms - rounds.grpc[index]));
    console.log(
      `${name.padEnd(8)} median ${median(rounds[name]).toFixed(2)} ms, ${ratio.toFixed(3)} x gRPC, ` +
        `${more.toFixed(2)} ms more; gateway CPU ${(gatewayMs[name] / calls).toFixed(2)} ms a call`,
    );
  }
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
