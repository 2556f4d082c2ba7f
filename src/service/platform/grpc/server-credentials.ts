import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import type { TlsFiles } from '../configuration/exposure-settings.js';

const certificateBlocks = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [A-Z0-9 ]+-----/gu;

/** What OpenSSL says of a key that asks for a passphrase. */
const encryptedCodes: ReadonlySet<string> = new Set([
  'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED',
  'ERR_MISSING_PASSPHRASE',
]);

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
    readPem(tls.certificateFile, 'SYMFACE_TLS_CERTIFICATE_FILE', requireCertificates),
    readPem(tls.keyFile, 'SYMFACE_TLS_KEY_FILE', (pem) => createPrivateKey(pem)),
    tls.clientCaFile === undefined
      ? null
      : readPem(tls.clientCaFile, 'SYMFACE_TLS_CLIENT_CA_FILE', requireCertificates),
  ]);
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new ConfigurationError(
      `SYMFACE_TLS_KEY_FILE: ${tls.keyFile} is not the key of the certificate in ${tls.certificateFile}.`,
    );
  }
  try {
    createSecureContext({ cert: certificate, key });
  } catch (cause) {
    // A key that is too short, or a digest that is not secure any more.
    throw new ConfigurationError(
      `SYMFACE_TLS_CERTIFICATE_FILE: OpenSSL does not serve ${tls.certificateFile} (${codeOf(cause)}).`,
      { cause },
    );
  }
  return { certificate, key, clientCa };
}

/** Why no client takes the certificate at that time, by its dates; undefined where they are right. */
export function wrongDates(
  { certificate }: Pick<TlsCertificates, 'certificate'>,
  at: Date,
): string | undefined {
  const { validFrom, validTo } = new X509Certificate(certificate);
  if (new Date(validTo) <= at) return `it expired on ${validTo}`;
  if (new Date(validFrom) > at)
    return `it is valid from ${validFrom} on, and the clock of this machine is before that`;
  return undefined;
}

/** OpenSSL passes over what it cannot read among authorities, and says of a chain only that something in it is wrong. */
function requireCertificates(pem: Buffer): void {
  const blocks = pem.toString('latin1').match(certificateBlocks);
  if (blocks === null) throw new Error('there is no certificate in PEM');
  for (const block of blocks) new X509Certificate(block);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'not PEM';
}

async function readPem(file: string, setting: string, parse: (pem: Buffer) => unknown): Promise<Buffer> {
  try {
    const pem = await readFile(file);
    parse(pem);
    return pem;
  } catch (cause) {
    const code = codeOf(cause);
    const reason = encryptedCodes.has(code)
      ? `it is encrypted, and no passphrase is asked for: "openssl pkey -in ${file} -out FILE" makes one that is not`
      : code;
    throw new ConfigurationError(`${setting}: cannot use ${file} (${reason}).`, { cause });
  }
}
