import { interfaceToken } from '../provide.js';

/** The limits of gRPC calls, injected under {@link GRPC_SETTINGS}. */
export interface GrpcSettings {
  readonly defaultDeadlineMs: number;
}

export const GRPC_SETTINGS = interfaceToken<GrpcSettings>('GrpcSettings');
