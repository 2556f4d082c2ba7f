import { describe, expect, it } from 'vitest';
import { connectableUrl, describePostgresUrl, postgresHint } from './postgres-url.js';

describe('the URL of a database', () => {
  it('is told without user and password', () => {
    expect(describePostgresUrl('postgres://ana:p%2Fss@db.example:5433/faces?sslmode=require')).toBe(
      'db.example:5433/faces',
    );
    // The last @ ends the password.
    expect(describePostgresUrl('postgres://ana:s3cret@more@db.example/faces')).toBe('db.example/faces');
  });

  it.each([
    'postgres://ana:12/s3cret@db.example/faces',
    'postgres://ana:s3cret/more@db.example/faces',
    'postgres://ana:12?s3cret@db.example/faces',
    'postgres://ana:12#s3cret@db.example/faces',
    'postgres://ana:s3cret#@db.example/faces',
    'postgres://ana:s3cret%@db.example:x/faces',
    'mysql://ana:s3cret@db.example/faces',
    's3cret',
  ])('never shows a part of the password: %s', (url) => {
    let shown: string;
    try {
      shown = describePostgresUrl(url);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      expect(error.message).toMatch(/DATABASE_URL is not/u);
      expect(error.cause).toBeUndefined();
      shown = error.message;
    }
    expect(shown).not.toMatch(/s3cret|ana:/u);
  });

  it.each([
    ['postgres:///faces', /names no host.*\?host=\/run\/postgresql/u],
    ['postgres://ana@/faces?host=/run', /is not a URL with one host.*Unix socket/u],
    ['postgres://one:1,two:2/faces', /is not a URL with one host/u],
    ['postgres://one,two/faces', /names several/u],
    ['postgres://ana:5%zz@db/faces', /written as %25/u],
    ['mysql://db/faces', /not the URL of a PostgreSQL/u],
    ['"postgres://db/faces"', /no quotes/u],
  ])('says what to write in the place of %s', (url, told) => {
    expect(() => describePostgresUrl(url)).toThrow(told);
  });

  it('tells the folder of a socket', () => {
    expect(describePostgresUrl('postgres://ana@localhost/faces?host=/run/postgresql')).toBe(
      '/run/postgresql/faces',
    );
  });

  const connectable = (text: string, caFile?: string) => connectableUrl(text, 'DATABASE_URL', caFile);

  it('names the authority of its certificate', () => {
    expect(connectable('postgres://db/faces')).toBe('postgres://db/faces');
    const url = new URL(connectable('postgres://ana:p%2Fss@db/faces', '/etc/my ca.pem'));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      sslmode: 'verify-full',
      sslrootcert: '/etc/my ca.pem',
    });
    expect(url.password).toBe('p%2Fss');
    expect(connectable('postgres://db/faces?sslmode=disable', '/ca.pem')).toContain('sslmode=disable');
  });

  it('verifies the certificate with every mode that does now, whatever a later driver means by it', () => {
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full'])
      expect(connectable(`postgres://db/faces?sslmode=${mode}`)).toBe(
        'postgres://db/faces?sslmode=verify-full',
      );
    for (const query of ['sslmode=no-verify', 'sslmode=require&uselibpqcompat=true', 'sslmode=disable'])
      expect(connectable(`postgres://db/faces?${query}`)).toBe(`postgres://db/faces?${query}`);
  });

  it('comes with what to do about usual errors', () => {
    const hintOf = (code: string) => postgresHint(Object.assign(new Error('no'), { code }));
    expect(hintOf('SELF_SIGNED_CERT_IN_CHAIN')).toContain('SYMFACE_DATABASE_CA_FILE');
    expect(hintOf('53300')).toContain('SYMFACE_DATABASE_POOL_SIZE');
    expect(hintOf('42501')).toContain('GRANT ALL ON SCHEMA');
    expect(hintOf('3F000')).toContain('search_path');
    expect(hintOf('28P01')).toBe('');
    expect(postgresHint(new Error('SASL: client password must be a string'))).toContain('user:password@');
  });
});
