// The serving image, started with TLS, keys and the embedded database: it gets ready, answers a Verify, and ends by SIGTERM.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { SymFaceClient } from '../../dist/client/index.js';
import { startContainer, withFolders } from './container.mjs';

const [grpcPort, httpPort] = [51_071, 51_072];
const readyTimeoutMs = 120_000;

export async function serveFrom(root, tag) {
  if (existsSync(join(root, 'app/node_modules/@tensorflow/tfjs')))
    throw new Error('the serving image has tfjs in it');
  await withFolders(async (folders) => {
    makeCertificate(folders.secrets);
    await tryService({ root, tag, folders });
  });
}

async function tryService({ root, tag, folders }) {
  const env = {
    SYMFACE_GRPC_PORT: String(grpcPort),
    SYMFACE_HTTP_PORT: String(httpPort),
    SYMFACE_TLS_CERTIFICATE_FILE: '/run/secrets/server.pem',
    SYMFACE_TLS_KEY_FILE: '/run/secrets/server.key',
    SYMFACE_HTTP_TLS: 'true',
    SYMFACE_WORKERS: '1',
    SYMFACE_LOG_LEVEL: 'warn',
  };
  const inside = (options) => startContainer(root, tag, folders, { env, ...options });
  await requireEnd(inside({ entryPoint: ['touch', '/app/written'], command: [] }), 1);
  const keys = ['keys', 'create', '--offline', '--role', 'client', '--tenant', 'image'];
  const apiKey = await requireEnd(inside({ command: keys }), 0);
  const service = inside();
  await becomesReady(
    service.child,
    () => inside({ entryPoint: ['node', 'docker/probe.mjs'], command: [] }).ended,
  );
  const client = new SymFaceClient({
    server: `127.0.0.1:${grpcPort}`,
    tls: { caFile: join(folders.secrets, 'server.pem') },
    apiKey,
    timeoutMs: 60_000,
  });
  const [imageA, imageB] = await twoPhotographs();
  const { similarity } = await client.faceVerification.verify({ imageA, imageB });
  client.close();
  console.log(`Verify: similarity ${similarity.toFixed(3)}`);
  if (!(similarity > 0.5)) throw new Error('two photographs of one person are not alike');
  service.child.kill('SIGTERM');
  await requireEnd(service, 0);
}

async function requireEnd({ ended }, expected) {
  const { code, output } = await ended;
  if (code !== expected) throw new Error(`the container ended with ${code}, not ${expected}: ${output}`);
  return output;
}

async function becomesReady(child, probe) {
  const beginMs = performance.now();
  while ((await probe()).code !== 0) {
    if (child.exitCode !== null) throw new Error(`the service ended with exit code ${child.exitCode}`);
    if (performance.now() - beginMs > readyTimeoutMs) throw new Error('the service was not ready in time');
    await sleep(250);
  }
  console.log(`ready after ${Math.round((performance.now() - beginMs) / 1000)} s`);
}

/** Its own authority, for this machine. */
function makeCertificate(folder) {
  const [certificate, key] = ['server.pem', 'server.key'].map((name) => join(folder, name));
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  execFileSync('openssl', [...request, ...names, '-out', certificate, '-keyout', key], { stdio: 'ignore' });
  execFileSync('chmod', ['-R', 'g=rX,o=', folder]);
}

/** One person, of a picture that an npm package ships, and again: smaller, darker, mirrored. */
async function twoPhotographs() {
  const entry = createRequire(import.meta.url).resolve('@vladmandic/human');
  const region = { left: 326, top: 2, width: 210, height: 154 };
  const face = await sharp(join(dirname(entry), '../assets/samples.jpg'))
    .extract(region)
    .png()
    .toBuffer();
  const first = await sharp(face).resize(840, 616).jpeg({ quality: 95 }).toBuffer();
  const second = await sharp(first).resize(600).flop().modulate({ brightness: 0.85 }).jpeg().toBuffer();
  return [{ content: first }, { content: second }];
}
