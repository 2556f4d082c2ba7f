import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType as AdminTypes } from '../../../generated/admin_service.js';
import type { ProtoGrpcType as AssessmentTypes } from '../../../generated/assessment_service.js';
import type { ProtoGrpcType as EnrollmentTypes } from '../../../generated/enrollment_service.js';
import type { ProtoGrpcType as EvaluationTypes } from '../../../generated/evaluation_service.js';
import type { ProtoGrpcType as ErrorDetailTypes } from '../../../generated/error_details.js';
import type { ProtoGrpcType as VerificationTypes } from '../../../generated/face_verification_service.js';
import type { ProtoGrpcType as ModelTypes } from '../../../generated/model_service.js';
import type { ProtoGrpcType as TrainingTypes } from '../../../generated/training_service.js';

/** The protobuf package of SymFace's services. */
export const SYMFACE_PACKAGE = 'symface.v1';

/** The folder of .proto files; `src/` and `dist/` lie at the same depth under the package's root. */
const PROTO_FOLDER = fileURLToPath(new URL('../../../../proto', import.meta.url));

/** The roots of the contract, relative to {@link PROTO_FOLDER}; they import the others. */
const PROTO_FILES = [
  'symface/v1/face_verification_service.proto',
  'symface/v1/model_service.proto',
  'symface/v1/enrollment_service.proto',
  'symface/v1/admin_service.proto',
  'symface/v1/evaluation_service.proto',
  'symface/v1/training_service.proto',
  'symface/v1/assessment_service.proto',
  'google/rpc/error_details.proto',
];

/** The same options as the `generate` script in package.json: types and run time must agree. */
const LOADER_OPTIONS: Options = {
  keepCase: false,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [PROTO_FOLDER],
};

let loaded: PackageDefinition | undefined;

/** Every service and message of the contract, google.rpc's error details included. Parsed once. */
export function loadSymFaceProto(): PackageDefinition {
  loaded ??= loadSync(PROTO_FILES, LOADER_OPTIONS);
  return loaded;
}

/** Constructors of the service clients. */
export type SymFaceServices = VerificationTypes['symface']['v1'] &
  ModelTypes['symface']['v1'] &
  EnrollmentTypes['symface']['v1'] &
  AdminTypes['symface']['v1'] &
  EvaluationTypes['symface']['v1'] &
  TrainingTypes['symface']['v1'] &
  AssessmentTypes['symface']['v1'];

export function symFaceServices(): SymFaceServices {
  const types: unknown = loadPackageDefinition(loadSymFaceProto());
  return (types as { readonly symface: { readonly v1: SymFaceServices } }).symface.v1;
}

type RpcMessages = VerificationTypes['google']['rpc'] & ErrorDetailTypes['google']['rpc'];

/**
 * Serializer and deserializer of one google.rpc message, for error details.
 * @param name for example `Status` or `ErrorInfo`
 */
export function rpcMessage<Name extends keyof RpcMessages>(name: Name): RpcMessages[Name] {
  const definition: unknown = loadSymFaceProto()[`google.rpc.${name}`];
  return definition as RpcMessages[Name];
}
