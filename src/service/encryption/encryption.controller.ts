import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { GetEncryptionStatusResponse } from '../../generated/symface/v1/GetEncryptionStatusResponse.js';
import type { RewrapDataKeysRequest__Output } from '../../generated/symface/v1/RewrapDataKeysRequest.js';
import type { RewrapDataKeysResponse } from '../../generated/symface/v1/RewrapDataKeysResponse.js';
import type { RotateDataKeyRequest__Output } from '../../generated/symface/v1/RotateDataKeyRequest.js';
import type { RotateDataKeyResponse } from '../../generated/symface/v1/RotateDataKeyResponse.js';
import { callerOf } from '../access/call-caller.js';
import { toJobMessage } from '../jobs/job-messages.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { toDataKeyMessage, toKeyRotationMessage } from './encryption-messages.js';
import { EncryptionStatus } from './encryption-status.js';
import { RewrapDataKeys } from './rewrap-data-keys.js';
import { RotateDataKey } from './rotate-data-key.js';

const service = 'EncryptionService';

/** symface.v1.EncryptionService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class EncryptionController {
  constructor(
    @Inject(EncryptionStatus) private readonly status: EncryptionStatus,
    @Inject(RewrapDataKeys) private readonly rewrapKeys: RewrapDataKeys,
    @Inject(RotateDataKey) private readonly rotateKey: RotateDataKey,
  ) {}

  @GrpcMethod(service, 'GetEncryptionStatus')
  async getStatus(): Promise<GetEncryptionStatusResponse> {
    const { masterKeyId, previousMasterKeyId = '' } = this.status;
    return {
      masterKeyId,
      previousMasterKeyId,
      dataKeys: (await this.status.dataKeys()).map(toDataKeyMessage),
    };
  }

  @GrpcMethod(service, 'RewrapDataKeys')
  async rewrap(_request: RewrapDataKeysRequest__Output, metadata: Metadata): Promise<RewrapDataKeysResponse> {
    const rewrappedKeyCount = await this.rewrapKeys.execute(callerOf(metadata));
    return { masterKeyId: this.status.masterKeyId, rewrappedKeyCount };
  }

  @GrpcMethod(service, 'RotateDataKey')
  async rotate(_request: RotateDataKeyRequest__Output, metadata: Metadata): Promise<RotateDataKeyResponse> {
    const job = await this.rotateKey.execute(callerOf(metadata));
    return { job: toJobMessage(job, { keyRotation: toKeyRotationMessage(job) }) };
  }
}
