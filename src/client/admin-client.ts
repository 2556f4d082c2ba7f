import type { AdminServiceClient } from '../generated/symface/v1/AdminService.js';
import type { ApiKey__Output } from '../generated/symface/v1/ApiKey.js';
import type { AuditEvent__Output } from '../generated/symface/v1/AuditEvent.js';
import type { CreateApiKeyRequest } from '../generated/symface/v1/CreateApiKeyRequest.js';
import type { CreateApiKeyResponse__Output } from '../generated/symface/v1/CreateApiKeyResponse.js';
import type { ListApiKeysResponse__Output } from '../generated/symface/v1/ListApiKeysResponse.js';
import type { ListAuditEventsResponse__Output } from '../generated/symface/v1/ListAuditEventsResponse.js';
import type { RevokeApiKeyResponse__Output } from '../generated/symface/v1/RevokeApiKeyResponse.js';
import { symFaceServices } from '../service/platform/grpc/proto-definition.js';
import type { Connection } from './connection.js';
import { everyPage } from './every-page.js';

/** Calls AdminService. */
export class AdminClient {
  private readonly stub: AdminServiceClient;

  constructor(private readonly connection: Connection) {
    const { AdminService } = symFaceServices();
    this.stub = new AdminService(connection.server, connection.credentials, connection.channelOptions);
  }

  createApiKey(request: CreateApiKeyRequest): Promise<CreateApiKeyResponse__Output> {
    return this.connection.call((...call) => this.stub.createApiKey(request, ...call));
  }

  /** Page after page, as they are asked for. */
  listApiKeys(): AsyncGenerator<ApiKey__Output> {
    return everyPage(async (pageToken) => {
      const page: ListApiKeysResponse__Output = await this.connection.call((...call) =>
        this.stub.listApiKeys({ pageToken }, ...call),
      );
      return { items: page.apiKeys, nextPageToken: page.nextPageToken };
    });
  }

  /** @param name `apiKeys/{id}` */
  revokeApiKey(name: string): Promise<RevokeApiKeyResponse__Output> {
    return this.connection.call((...call) => this.stub.revokeApiKey({ name }, ...call));
  }

  /** Newest first; page after page, as they are asked for. */
  listAuditEvents(): AsyncGenerator<AuditEvent__Output> {
    return everyPage(async (pageToken) => {
      const page: ListAuditEventsResponse__Output = await this.connection.call((...call) =>
        this.stub.listAuditEvents({ pageToken }, ...call),
      );
      return { items: page.events, nextPageToken: page.nextPageToken };
    });
  }

  close(): void {
    this.stub.close();
  }
}
