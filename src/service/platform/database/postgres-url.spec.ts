import { describe, expect, it } from 'vitest';
import { describePostgresUrl, postgresHint, withCertificateAuthority } from './postgres-url.js';

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

  it('names the authority of its certificate', () => {
    expect(withCertificateAuthority('postgres://db/faces', undefined)).toBe('postgres://db/faces');
    const url = new URL(
      withCertificateAuthority('postgres://ana:p%2Fss@db/faces?sslmode=require', '/etc/my ca.pem'),
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      sslmode: 'require',
      sslrootcert: '/etc/my ca.pem',
    });
    expect(url.password).toBe('p%2Fss');
  });

  it('comes with what to do about usual errors', () => {
    const hintOf = (code: string) => postgresHint(Object.assign(new Error('no'), { code }));
    expect(hintOf('SELF_SIGNED_CERT_IN_CHAIN')).toContain('SYMFACE_DATABASE_CA_FILE');
    expect(hintOf('53300')).toContain('SYMFACE_DATABASE_POOL_SIZE');
    expect(hintOf('42501')).toContain('GRANT ALL ON SCHEMA');
    expect(hintOf('28P01')).toBe('');
  });
});
