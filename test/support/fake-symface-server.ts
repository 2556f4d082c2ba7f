import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { rpcMessage, serviceDefinition } from '../../src/contract/contract.js';
import type { FieldViolation } from '../../src/core/failure.js';
import type { Status } from '../../src/generated/google/rpc/Status.js';
import type { FaceVerificationServiceHandlers } from '../../src/generated/symface/v1/FaceVerificationService.js';
import type { BenchmarkServiceHandlers } from '../../src/generated/symface/v1/BenchmarkService.js';
import type { EnrollmentServiceHandlers } from '../../src/generated/symface/v1/EnrollmentService.js';
import type { JobServiceHandlers } from '../../src/generated/symface/v1/JobService.js';
import type { ModelServiceHandlers } from '../../src/generated/symface/v1/ModelService.js';
import type { OperationsServiceHandlers } from '../../src/generated/symface/v1/OperationsService.js';

/** Answers of a fake server; methods left out answer UNIMPLEMENTED. */
export interface FakeAnswers {
  readonly verification?: Partial<FaceVerificationServiceHandlers>;
  readonly models?: Partial<ModelServiceHandlers>;
  readonly jobs?: Partial<JobServiceHandlers>;
  readonly enrollment?: Partial<EnrollmentServiceHandlers>;
  readonly benchmark?: Partial<BenchmarkServiceHandlers>;
  readonly operations?: Partial<OperationsServiceHandlers>;
}

export interface FakeServer {
  /** `host:port` */
  readonly address: string;
  stop(): void;
}

/** A gRPC server with the real contract and canned answers, for tests of clients. */
export async function startFakeServer(answers: FakeAnswers): Promise<FakeServer> {
  const server = new Server();
  server.addService(serviceDefinition('FaceVerificationService'), implemented(answers.verification));
  server.addService(serviceDefinition('ModelService'), implemented(answers.models));
  server.addService(serviceDefinition('JobService'), implemented(answers.jobs));
  server.addService(serviceDefinition('EnrollmentService'), implemented(answers.enrollment));
  server.addService(serviceDefinition('BenchmarkService'), implemented(answers.benchmark));
  server.addService(serviceDefinition('OperationsService'), implemented(answers.operations));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    stop: () => {
      server.forceShutdown();
    },
  };
}

/** grpc-js answers UNIMPLEMENTED for methods that the implementation lacks. */
function implemented(handlers: object = {}): UntypedServiceImplementation {
  return { ...handlers };
}

export interface FakeFailure {
  readonly code?: status;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Record<string, string>;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly retryDelayMs?: number;
}

/** An error as SymFace sends it: google.rpc.Status in the trailers. */
export function failedCall(failure: FakeFailure): Partial<ServiceError> {
  const { code = status.INVALID_ARGUMENT, reason, message, metadata = {}, fieldViolations = [] } = failure;
  const retryDelayMs = failure.retryDelayMs ?? 0;
  const details = [
    packed('ErrorInfo', rpcMessage('ErrorInfo').serialize({ reason, domain: 'symface.v1', metadata })),
    packed('BadRequest', rpcMessage('BadRequest').serialize({ fieldViolations: [...fieldViolations] })),
    ...(retryDelayMs > 0
      ? [
          packed(
            'RetryInfo',
            rpcMessage('RetryInfo').serialize({ retryDelay: { nanos: retryDelayMs * 1e6 } }),
          ),
        ]
      : []),
  ];
  const trailers = new Metadata();
  trailers.set('grpc-status-details-bin', rpcMessage('Status').serialize({ code, message, details }));
  return { code, details: message, metadata: trailers };
}

/** An error of one part of an answer, as SymFace puts it into the message. */
export function statusOf(reason: string, message: string): Status {
  const details = [packed('ErrorInfo', rpcMessage('ErrorInfo').serialize({ reason, domain: 'symface.v1' }))];
  return { code: status.INVALID_ARGUMENT, message, details };
}

function packed(type: string, value: Buffer): { type_url: string; value: Buffer } {
  return { type_url: `type.googleapis.com/google.rpc.${type}`, value };
}
