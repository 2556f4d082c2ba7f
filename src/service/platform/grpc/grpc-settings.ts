import { interfaceToken } from '../provide.js';

/** Limits of the gRPC adapter; injected under {@link GRPC_SETTINGS}. */
export interface GrpcSettings {
  readonly defaultDeadlineMs: number;
}

export const GRPC_SETTINGS = interfaceToken<GrpcSettings>('GrpcSettings');
