import {
  NO_POSTGRES_REASON,
  postgresPrograms,
  type PostgresServer,
  startPostgresServer,
} from '../support/postgres-server.js';
import type { DatabaseKind } from './attack.js';
import { Bystander } from './bystander.js';
import { attackPhotographs } from './photographs.js';
import type { Grounds } from './run-attack.js';
import { enrolSomebody, makeKeyedData, startTarget, type Target, type TargetOptions } from './target.js';

/**
 * Short limits, so that what a limit ends is seen to end within an attack's time. The service is an ordinary one beside
 * them.
 */
const shortLimits = {
  SYMFACE_RECEIVE_TIMEOUT_MS: '8000',
  SYMFACE_DEFAULT_DEADLINE_MS: '20000',
  SYMFACE_WORKERS: '2',
};

/** Starts what all attacks on one kind of database share. @returns why that cannot be, where it cannot */
export async function raiseGrounds(
  database: DatabaseKind,
  isShort: boolean,
): Promise<(Grounds & { clear(): Promise<void> }) | string> {
  const programs = postgresPrograms();
  if (database === 'postgres' && programs === undefined) return NO_POSTGRES_REASON;
  const postgres = database === 'postgres' ? await startPostgresServer(programs ?? '') : undefined;
  const keyed = await makeKeyedData();
  let databases = 0;
  const start = async (options: TargetOptions): Promise<Target> => {
    const { databaseUrl: given } = options;
    if (given !== undefined) return startTarget(await keyed.keyedPostgres(given), options);
    if (postgres === undefined) return startTarget(keyed, options);
    const databaseUrl = newDatabase(postgres, ++databases);
    return startTarget(await keyed.keyedPostgres(databaseUrl), { databaseUrl, ...options });
  };
  const photographs = await attackPhotographs();
  const target = await start({ settings: shortLimits });
  await enrolSomebody(target, [photographs.person, photographs.personAgain]);
  const { secret } = await target.client(target.keys.admin).admin.createApiKey({ tenant: 'bystander' });
  const bystander = new Bystander(target.server.address, secret, photographs);
  const keptLogs: string[] = [];
  return {
    shared: { target, photographs, isShort, database },
    bystander,
    startTarget: start,
    keptLogs,
    runningLogs: () => [target.server.output()],
    clear: async () => {
      await bystander.stop();
      await target.stop();
      await postgres?.stop();
      await keyed.remove();
    },
  };
}

function newDatabase(postgres: PostgresServer, number: number): string {
  return postgres.createDatabase(`attack-${number}`);
}
