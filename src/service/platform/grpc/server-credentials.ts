import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import { ConfigurationError, type TlsFiles } from '../configuration/configuration.js';

/**
 * The credentials of the gRPC port: TLS with the given files, where client certificates are required if there is an
 * authority for them; plaintext without files.
 * @throws ConfigurationError naming the file that cannot be used
 */
export async function serverCredentials(tls: TlsFiles | undefined): Promise<ServerCredentials> {
  if (tls === undefined) return ServerCredentials.createInsecure();
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
  return ServerCredentials.createSsl(
    clientCa,
    [{ cert_chain: certificate, private_key: key }],
    clientCa !== null,
  );
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
