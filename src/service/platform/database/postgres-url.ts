import { ConfigurationError } from '../configuration/configuration-error.js';

const example = 'postgres://user:password@host:5432/database';
const escapes = 'In the password, %, /, ?, #, @ and : are written as %25, %2F, %3F, %23, %40 and %3A.';
/** What pg 8 takes for `verify-full`, with a warning that pg 9 will not. */
const sslModesThatVerify: ReadonlySet<string> = new Set(['prefer', 'require', 'verify-ca']);

/**
 * Where a database is, for people: never a part of its password. In one that holds "/", "?" or "#" as they are, what follows
 * would pass for the host or the path.
 * @param setting whose text it is
 * @throws ConfigurationError for text that is no such URL
 */
export function describePostgresUrl(text: string, setting = 'DATABASE_URL'): string {
  const { protocol, host, username, password, pathname, search, hash, searchParams } = parsed(text, setting);
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw new ConfigurationError(
      `${setting} is not the URL of a PostgreSQL, which SymFace needs: one begins with postgres://, such as ${example}.`,
    );
  }
  const isSplit = /[@/]/u.test(pathname.slice(1)) || search.includes('@') || hash !== '';
  if (isSplit || !isDecodable(`${username}${password}${pathname}`)) {
    throw new ConfigurationError(`${setting} is not of the form ${example}. ${escapes}`);
  }
  const place = searchParams.get('host') ?? host;
  if (place === '') throw new ConfigurationError(`${setting} is not complete: it names no host. ${form()}`);
  if (place.includes(',')) {
    throw new ConfigurationError(
      `${setting} is not of one host: it names several, and SymFace connects to one. Name the primary, or what leads to it.`,
    );
  }
  return `${place}${pathname}`;
}

function parsed(text: string, setting: string): URL {
  try {
    return new URL(text);
  } catch {
    // The cause holds the text.
    throw new ConfigurationError(`${setting} is not a URL with one host and no quotes. ${form()} ${escapes}`);
  }
}

function form(): string {
  return `Write ${example}, or for a Unix socket postgres://user@localhost/database?host=/run/postgresql.`;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The URL as it is connected to: with the authority that the server's certificate must be of, and with the word for what its
 * `sslmode` means here, so that it means the same with a later pg.
 * @throws ConfigurationError for text that is no such URL
 */
export function connectableUrl(text: string, setting: string, caFile: string | undefined): string {
  describePostgresUrl(text, setting);
  const url = new URL(text);
  const { searchParams } = url;
  const sslMode = searchParams.get('sslmode') ?? '';
  if (searchParams.get('uselibpqcompat') !== 'true') {
    const verifies = sslModesThatVerify.has(sslMode) || (caFile !== undefined && sslMode === '');
    if (verifies) searchParams.set('sslmode', 'verify-full');
  }
  if (caFile !== undefined) searchParams.set('sslrootcert', caFile);
  return searchParams.toString() === new URL(text).searchParams.toString() ? text : url.href;
}

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

const hints: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another host name: use that one in DATABASE_URL.',
  '3D000':
    'Make it ("CREATE DATABASE … ENCODING \'UTF8\' TEMPLATE template0"), or name another in DATABASE_URL.',
  '3F000':
    'The search_path of its user, or of "options" in DATABASE_URL, names no schema that there is: make it, or leave the path as it is.',
  '57014':
    'Its statement_timeout is shorter than the schema takes to make: give the user of DATABASE_URL a longer one.',
  '53300':
    'It has no connection left: give it more (max_connections), or each replica fewer (SYMFACE_DATABASE_POOL_SIZE).',
  '42501':
    'Its user may not make tables: make that user the owner of the database, or type "GRANT ALL ON SCHEMA public TO ' +
    'the user" as the owner.',
  '25006': 'It is read-only, as a standby is: connect to the primary.',
};

/** What to do about an error of connecting or of making the schema; empty where its own text says it. */
export function postgresHint(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error ? String(error.code) : '';
  if (untrusted.has(code)) {
    return ' Set SYMFACE_DATABASE_CA_FILE to the PEM file of the authority that made its certificate.';
  }
  if (error.message.includes('client password must be a string')) {
    return ' It asks for a password, and DATABASE_URL has none: write user:password@ before the host.';
  }
  const hint = hints[code];
  return hint === undefined ? '' : ` ${hint}`;
}
