import pg from 'pg';
import { inject } from 'vitest';
import type { RunningServer } from './running-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where start-shared-servers.ts answers. */
    readonly sharedServers: string;
  }
}

/** What spec files may know of a service that is not theirs alone. */
export type SharedService = Pick<RunningServer, 'address' | 'httpUrl' | 'dataFolder'>;

async function shared(name: string, argument = ''): Promise<unknown> {
  const response = await fetch(`${inject('sharedServers')}/${name}?argument=${encodeURIComponent(argument)}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/**
 * The service of all files that leave it as it is: what they enrol is in collections of their own, and none activates or
 * calibrates a model.
 */
export async function sharedService(): Promise<SharedService> {
  return (await shared('service')) as SharedService;
}

/** A database of its own on the PostgreSQL server of all files. @returns its URL */
export async function newPostgresDatabase(programs: string): Promise<string> {
  const { url } = (await shared('postgres', programs)) as { readonly url: string };
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = `suite-${process.pid}-${Date.now()}`;
  await client.query(`CREATE DATABASE "${name}"`);
  await client.end();
  return new URL(name, url).href;
}
