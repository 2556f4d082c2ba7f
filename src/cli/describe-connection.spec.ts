import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Authority,
  certificateFolder,
  type CertificateFolder,
} from '../../test/support/certificates.js';
import { RecordingTerminal } from '../../test/support/recording-terminal.js';
import { describeConnection } from './describe-connection.js';
import { runCommandLine } from './program.js';

let folder: CertificateFolder;
let authority: Authority;
let plain: Http2Server;
let secure: Http2SecureServer;

beforeAll(async () => {
  folder = await certificateFolder();
  authority = await folder.authority('ours');
  const { certificateFile, keyFile } = await authority.issue('server');
  secure = createSecureServer({ cert: await readFile(certificateFile), key: await readFile(keyFile) });
  plain = createServer().listen(0, '127.0.0.1');
  secure.on('tlsClientError', () => undefined).listen(0, '0.0.0.0');
  await Promise.all([once(plain, 'listening'), once(secure, 'listening')]);
});

afterAll(async () => {
  plain.close();
  secure.close();
  await folder.remove();
});

async function saidTo(server: string, ...args: readonly string[]): Promise<string> {
  const terminal = new RecordingTerminal();
  expect(await runCommandLine(['models', 'list', '--server', server, ...args], terminal)).toBe(2);
  return terminal.errLines.join('\n');
}

const portOf = (server: Http2Server | Http2SecureServer) => (server.address() as AddressInfo).port;

it('tells TLS against plaintext', async () => {
  expect(await saidTo(`127.0.0.1:${portOf(plain)}`, '--tls')).toMatch(/does not speak TLS\. Leave --tls/u);
});

it('tells plaintext against TLS', async () => {
  expect(await saidTo(`127.0.0.1:${portOf(secure)}`)).toMatch(/Add --tls where it is a server with TLS/u);
});

it('tells an unknown authority', async () => {
  expect(await saidTo(`127.0.0.1:${portOf(secure)}`, '--tls')).toMatch(
    /authority that is not known here\. .* --tls-ca/u,
  );
});

it('tells a wrong host name', async () => {
  const said = await saidTo(`127.0.0.2:${portOf(secure)}`, '--tls-ca', authority.caFile);
  expect(said).toMatch(/certificate of 127\.0\.0\.2:\d+ is for another name/u);
});

it('says that nobody answers where nobody does', async () => {
  expect(await saidTo('127.0.0.1:9')).toMatch(/No SymFace server answers at 127\.0\.0\.1:9\. Start one/u);
  expect(describeConnection('Name resolution failed for target dns:no.such:1', 'no.such:1')).toMatch(
    /There is no host of the name in no\.such:1/u,
  );
});
