// The library's dependency injection needs it.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  type X509Certificate,
  X509CertificateGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

/** PEM files of one end of a TLS connection. */
export interface PemFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** An authority of its own, made for a test run. */
export interface Authority {
  readonly caFile: string;
  /** A certificate for 127.0.0.1 and localhost. */
  issue(name: string): Promise<PemFiles>;
}

export interface CertificateFolder {
  authority(name: string): Promise<Authority>;
  remove(): Promise<void>;
}

export async function certificateFolder(): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'symface-tls-'));
  return {
    authority: (name) => createAuthority(folder, name),
    remove: () => rm(folder, { recursive: true }),
  };
}

async function createAuthority(folder: string, authorityName: string): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${authorityName}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const caFile = join(folder, `${authorityName}.pem`);
  await writeFile(caFile, ca.toString('pem'));
  return { caFile, issue: (name) => issue(folder, `${authorityName}-${name}`, ca, keys.privateKey) };
}

async function issue(
  folder: string,
  name: string,
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<PemFiles> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  });
  const files = { certificateFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) };
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/gu) ?? [];
  const pem = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
  await writeFile(files.certificateFile, certificate.toString('pem'));
  await writeFile(files.keyFile, pem);
  return files;
}

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
}
