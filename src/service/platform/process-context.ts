import type { ArtifactStore } from '../../storage/artifacts/artifact-store.js';
import type { TrainingProvider } from '../../learning/engines/training-provider.js';
import type { Configuration } from './configuration/configuration.js';
import type { TlsCertificates } from './grpc/server-credentials.js';
import type { Storage } from './open-storage.js';
import { interfaceToken } from './provide.js';
import type { Logger } from './telemetry/logger.js';

/** A gateway serves calls and works on jobs; a worker only works on jobs. */
export type ProcessRole = 'gateway' | 'worker';

/** A configuration that this machine can follow. */
export interface UsableConfiguration extends Configuration {
  readonly trainingProvider: TrainingProvider;
}

/** What a process is started with. */
export interface ProcessContext {
  readonly role: ProcessRole;
  readonly configuration: UsableConfiguration;
  readonly logger: Logger;
  readonly storage: Storage;
  /** Of a gateway whose HTTP port speaks TLS. */
  readonly httpTls?: TlsCertificates | undefined;
  /** Of a gateway that takes calls over HTTP: where its HTTP port reaches its gRPC service. */
  readonly innerGrpcAddress?: string | undefined;
}

export const PROCESS_ROLE = interfaceToken<ProcessRole>('ProcessRole');
export const CONFIGURATION = interfaceToken<UsableConfiguration>('Configuration');
export const LOGGER = interfaceToken<Logger>('Logger');
export const ARTIFACT_STORE = interfaceToken<ArtifactStore>('ArtifactStore');
