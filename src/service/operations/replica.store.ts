import { table, text, time, uuid } from '../platform/database/table.js';
import type { Sql } from '../platform/database/database.js';
import type { ProcessRole } from '../platform/process-context.js';

/** The processes of the service that were heard of lately. */
export const replicas = table('replicas', {
  id: uuid().primary(),
  host: text(),
  role: text<ProcessRole>(),
  serviceVersion: text(),
  backbone: text(),
  detector: text(),
  startTime: time(),
  seenTime: time(),
});

/** A process of the service. */
export interface Replica {
  readonly id: string;
  readonly host: string;
  readonly role: ProcessRole;
  readonly serviceVersion: string;
  /** Ids of the models that its new calls go to; empty where it takes none. */
  readonly backbone: string;
  readonly detector: string;
}

/** Who is not heard of for so long is taken for gone, in seconds. */
const goneAfterSeconds = 15;

/** Where processes say that they are there; all times are the database's. */
export class ReplicaStore {
  constructor(private readonly sql: Sql) {}

  /**
   * Says that a process is there.
   * @param upSeconds how long it has been: when it started is told by the database's clock
   * @throws Failure DATABASE_UNAVAILABLE
   */
  async announce(replica: Replica, upSeconds: number): Promise<void> {
    const { id, host, role, serviceVersion, backbone, detector } = replica;
    await this.sql.rows(
      `INSERT INTO replicas (id, host, role, service_version, backbone, detector, start_time)
       VALUES ($1, $2, $3, $4, $5, $6, now() - make_interval(secs => $7))
       ON CONFLICT (id) DO UPDATE SET backbone = excluded.backbone, detector = excluded.detector, seen_time = now()`,
      [id, host, role, serviceVersion, backbone, detector, upSeconds],
    );
  }

  /** Forgets the processes that are gone. @throws Failure DATABASE_UNAVAILABLE */
  async forgetGone(): Promise<void> {
    await this.sql.rows(
      `DELETE FROM replicas WHERE seen_time < now() - interval '${goneAfterSeconds} seconds'`,
    );
  }

  async remove(id: string): Promise<void> {
    await this.sql.delete(replicas, { id });
  }

  /** Those that are there, oldest first. @throws Failure DATABASE_UNAVAILABLE */
  async list(): Promise<readonly (Replica & { readonly startTime: Date; readonly seenTime: Date })[]> {
    return this.sql.rowsOf(
      replicas.all,
      `SELECT ${replicas.all.sql()} FROM replicas
       WHERE seen_time >= now() - interval '${goneAfterSeconds} seconds' ORDER BY start_time, id`,
    );
  }
}
