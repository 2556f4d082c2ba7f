import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { certificateFolder } from '../../../../test/support/certificates.js';
import { readTlsCertificates, wrongDates } from './server-credentials.js';

let folder: Awaited<ReturnType<typeof certificateFolder>>;
let tls: { readonly certificateFile: string; readonly keyFile: string };
let caFile: string;

beforeAll(async () => {
  folder = await certificateFolder();
  const authority = await folder.authority('tested');
  tls = await authority.issue('server');
  ({ caFile } = authority);
});

afterAll(async () => folder.remove());

/** A file beside the others. */
async function written(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(caFile, '..', name);
  await writeFile(file, content);
  return file;
}

const refusal = async (changes: object): Promise<string> =>
  readTlsCertificates({ ...tls, clientCaFile: undefined, ...changes }).then(
    () => 'taken',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );

it('takes a chain, and client certificates of several authorities', async () => {
  const [own, ca] = [await readFile(tls.certificateFile, 'utf8'), await readFile(caFile, 'utf8')];
  const [certificateFile, clientCaFile] = [
    await written('chain.pem', `${own}\n${ca}`),
    await written('cas.pem', `${ca}\n${ca}`),
  ];
  expect(await refusal({ certificateFile, clientCaFile })).toBe('taken');
});

it('refuses a chain, or an authority, with a damaged certificate behind a whole one, by its setting', async () => {
  const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const certificateFile = await written(
    'damaged.pem',
    `${await readFile(tls.certificateFile, 'utf8')}\n${damaged}`,
  );
  expect(await refusal({ certificateFile })).toMatch(
    /^SYMFACE_TLS_CERTIFICATE_FILE: cannot use .*damaged\.pem /u,
  );
  const clientCaFile = await written(
    'ca.der',
    Buffer.from((await readFile(caFile, 'utf8')).replaceAll(/-.*|\n/gu, ''), 'base64'),
  );
  expect(await refusal({ clientCaFile })).toMatch(/^SYMFACE_TLS_CLIENT_CA_FILE: cannot use .*ca\.der /u);
});

it('says what to do about a key that is encrypted', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  });
  expect(await refusal({ keyFile: await written('encrypted.key', privateKey) })).toContain('it is encrypted');
});

it('tells of dates at which no client takes a certificate', async () => {
  const certificate = await readFile(tls.certificateFile);
  expect(wrongDates({ certificate }, new Date())).toBeUndefined();
  expect(wrongDates({ certificate }, new Date('2200-01-01'))).toMatch(/^it expired on /u);
  expect(wrongDates({ certificate }, new Date('2000-01-01'))).toMatch(/^it is valid from /u);
});
