import { ConfigurationError } from '../configuration/configuration-error.js';

const example = 'postgres://user:password@host:5432/database';

/**
 * Where a database is, for people: never a part of its password. In one that holds "/", "?" or "#" as they are, what follows
 * would pass for the host or the path.
 * @throws ConfigurationError for text that is no such URL
 */
export function describePostgresUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The cause holds the text.
    throw new ConfigurationError(
      `DATABASE_URL is not a URL such as ${example}. In the password, %, /, ?, #, @ and : are written as %25, %2F, ` +
        '%3F, %23, %40 and %3A.',
    );
  }
  const { protocol, host, pathname, search, hash } = url;
  const isPostgres = protocol === 'postgres:' || protocol === 'postgresql:';
  const isSplit = /[@/]/u.test(pathname.slice(1)) || search.includes('@') || hash !== '';
  if (!isPostgres || isSplit) {
    throw new ConfigurationError(
      `DATABASE_URL is not of the form ${example}: a password with /, ?, #, @ or : has them written as %2F, %3F, %23, ` +
        '%40 and %3A.',
    );
  }
  return `${host}${pathname}`;
}

/** The URL with the authority that the server's certificate must be of. */
export function withCertificateAuthority(text: string, caFile: string | undefined): string {
  if (caFile === undefined) return text;
  describePostgresUrl(text);
  const url = new URL(text);
  if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'verify-full');
  url.searchParams.set('sslrootcert', caFile);
  return url.href;
}

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** What to do about an error of connecting or of making the schema; empty where its own text says it. */
export function postgresHint(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (untrusted.has(code)) {
    return ' Set SYMFACE_DATABASE_CA_FILE to the PEM file of the authority that made its certificate.';
  }
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return ' Its certificate is for another host name: use that one in DATABASE_URL.';
    case '53300':
      return ' It has no connection left: give it more (max_connections), or each replica fewer (SYMFACE_DATABASE_POOL_SIZE).';
    case '42501':
      return (
        ' Its user may not make tables: make that user the owner of the database, or type "GRANT ALL ON SCHEMA public TO ' +
        'the user" as the owner.'
      );
    case '25006':
      return ' It is read-only, as a standby is: connect to the primary.';
    default:
      return '';
  }
}
