import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { ListAuditEvents } from './audit/list-audit-events.js';
import { ManageApiKeys } from './keys/manage-api-keys.js';
import { type ApiKey as DomainKey, apiKeyName } from './api-key.js';
import type { Role } from './caller.js';
import type { ApiKey } from '../../generated/symface/v1/ApiKey.js';
import type { ApiKeyRole } from '../../generated/symface/v1/ApiKeyRole.js';
import type { ApiKeyRole__Output } from '../../generated/symface/v1/ApiKeyRole.js';
import type { CreateApiKeyRequest__Output } from '../../generated/symface/v1/CreateApiKeyRequest.js';
import type { CreateApiKeyResponse } from '../../generated/symface/v1/CreateApiKeyResponse.js';
import type { GetCallerRequest__Output } from '../../generated/symface/v1/GetCallerRequest.js';
import type { GetCallerResponse } from '../../generated/symface/v1/GetCallerResponse.js';
import type { ListApiKeysRequest__Output } from '../../generated/symface/v1/ListApiKeysRequest.js';
import type { ListApiKeysResponse } from '../../generated/symface/v1/ListApiKeysResponse.js';
import type { ListAuditEventsRequest__Output } from '../../generated/symface/v1/ListAuditEventsRequest.js';
import type { ListAuditEventsResponse } from '../../generated/symface/v1/ListAuditEventsResponse.js';
import type { RevokeApiKeyRequest__Output } from '../../generated/symface/v1/RevokeApiKeyRequest.js';
import type { RevokeApiKeyResponse } from '../../generated/symface/v1/RevokeApiKeyResponse.js';
import type { UpdateApiKeyRequest__Output } from '../../generated/symface/v1/UpdateApiKeyRequest.js';
import type { UpdateApiKeyResponse } from '../../generated/symface/v1/UpdateApiKeyResponse.js';
import { callerOf } from './call-caller.js';
import { FailureFilter } from '../platform/grpc/failure.filter.js';
import { packageVersion } from '../platform/package-version.js';
import { invalidField } from '../../core/invalid-field.js';
import { readDisplayName, readQuery } from '../platform/grpc/request-fields.js';

const service = 'AdminService';

/** symface.v1.AdminService: messages in, use cases, messages out. */
@UseFilters(FailureFilter)
@Controller()
export class AdminController {
  private readonly serviceVersion = packageVersion();

  constructor(
    @Inject(ManageApiKeys) private readonly keys: ManageApiKeys,
    @Inject(ListAuditEvents) private readonly auditEvents: ListAuditEvents,
  ) {}

  @GrpcMethod(service, 'GetCaller')
  getCaller(_request: GetCallerRequest__Output, metadata: Metadata): GetCallerResponse {
    const { actor, tenant, role } = callerOf(metadata);
    return { actor, tenant, role: roleNames[role], serviceVersion: this.serviceVersion };
  }

  @GrpcMethod(service, 'CreateApiKey')
  async createKey(request: CreateApiKeyRequest__Output, metadata: Metadata): Promise<CreateApiKeyResponse> {
    const { tenant } = request;
    const command = {
      tenant,
      role: readRole(request.role),
      displayName: readDisplayName(request.displayName),
      requestsPerSecond: readLimit(request.requestsPerSecond, 'requests_per_second'),
      imagesPerDay: readLimit(request.imagesPerDay, 'images_per_day'),
    };
    const { key, secretText } = await this.keys.create(command, callerOf(metadata));
    return { apiKey: toApiKeyMessage(key), secret: secretText };
  }

  @GrpcMethod(service, 'ListApiKeys')
  async listKeys(request: ListApiKeysRequest__Output): Promise<ListApiKeysResponse> {
    const { items, nextPageToken = '' } = await this.keys.list(request);
    return { apiKeys: items.map(toApiKeyMessage), nextPageToken };
  }

  @GrpcMethod(service, 'UpdateApiKey')
  async updateKey(request: UpdateApiKeyRequest__Output, metadata: Metadata): Promise<UpdateApiKeyResponse> {
    const { name, requestsPerSecond, imagesPerDay } = request;
    const limits = {
      ...(requestsPerSecond !== undefined && {
        requestsPerSecond: readLimit(requestsPerSecond, 'requests_per_second'),
      }),
      ...(imagesPerDay !== undefined && { imagesPerDay: readLimit(imagesPerDay, 'images_per_day') }),
    };
    return { apiKey: toApiKeyMessage(await this.keys.limit(name, limits, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'RevokeApiKey')
  async revokeKey({ name }: RevokeApiKeyRequest__Output, metadata: Metadata): Promise<RevokeApiKeyResponse> {
    return { apiKey: toApiKeyMessage(await this.keys.revoke(name, callerOf(metadata))) };
  }

  @GrpcMethod(service, 'ListAuditEvents')
  async listAuditEvents(request: ListAuditEventsRequest__Output): Promise<ListAuditEventsResponse> {
    const { items, nextPageToken = '' } = await this.auditEvents.execute(request, readQuery(request.query));
    const events = items.map((event) => ({
      ...event,
      time: event.time.toISOString(),
      details: { ...event.details },
    }));
    return { events, nextPageToken };
  }
}

function toApiKeyMessage(key: DomainKey): ApiKey {
  const { tenant, displayName, requestsPerSecond, imagesPerDay } = key;
  return {
    name: apiKeyName(key.id),
    tenant,
    role: roleNames[key.role],
    displayName,
    createTime: key.createTime.toISOString(),
    revokeTime: key.revokeTime?.toISOString() ?? '',
    requestsPerSecond,
    imagesPerDay,
  };
}

const roleNames = {
  client: 'API_KEY_ROLE_CLIENT',
  device: 'API_KEY_ROLE_DEVICE',
  admin: 'API_KEY_ROLE_ADMIN',
} as const satisfies Record<Role, ApiKeyRole>;

function readRole(role: ApiKeyRole__Output): Role {
  switch (role) {
    case 'API_KEY_ROLE_UNSPECIFIED':
    case 'API_KEY_ROLE_CLIENT':
      return 'client';
    case 'API_KEY_ROLE_DEVICE':
      return 'device';
    case 'API_KEY_ROLE_ADMIN':
      return 'admin';
    default:
      throw invalidField('role', 'is not a known ApiKeyRole');
  }
}

function readLimit(value: number, field: string): number {
  if (value < 0) throw invalidField(field, `must be 0 (unlimited) or more, not ${value}`);
  return value;
}
