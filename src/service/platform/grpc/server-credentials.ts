import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import type { TlsFiles } from '../configuration/exposure-settings.js';

/**
 * The credentials of the gRPC port: TLS, where client certificates are required if there is an authority for them;
 * plaintext without certificates.
 */
export function serverCredentials(tls: TlsCertificates | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, key, clientCa } = tls;
  return ServerCredentials.createSsl(
    clientCa,
    [{ cert_chain: certificate, private_key: key }],
    clientCa !== null,
  );
}

/** The content of TLS files, in PEM. */
export interface TlsCertificates {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** The authority that clients' certificates must come from; null where none is asked for. */
  readonly clientCa: Buffer | null;
}

/**
 * Reads and checks the files of a server's TLS.
 * @throws ConfigurationError naming the file that cannot be used
 */
export async function readTlsCertificates(tls: TlsFiles): Promise<TlsCertificates> {
  const [certificate, key, clientCa] = await Promise.all([
    readPem(tls.certificateFile, 'SYMFACE_TLS_CERTIFICATE_FILE', (pem) => new X509Certificate(pem)),
    readPem(tls.keyFile, 'SYMFACE_TLS_KEY_FILE', (pem) => createPrivateKey(pem)),
    tls.clientCaFile === undefined
      ? null
      : readPem(tls.clientCaFile, 'SYMFACE_TLS_CLIENT_CA_FILE', (pem) => new X509Certificate(pem)),
  ]);
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new ConfigurationError(
      `SYMFACE_TLS_KEY_FILE: ${tls.keyFile} is not the key of the certificate in ${tls.certificateFile}.`,
    );
  }
  return { certificate, key, clientCa };
}

async function readPem(file: string, setting: string, parse: (pem: Buffer) => unknown): Promise<Buffer> {
  try {
    const pem = await readFile(file);
    parse(pem);
    return pem;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'not PEM';
    throw new ConfigurationError(`${setting}: cannot use ${file} (${reason}).`, { cause });
  }
}
