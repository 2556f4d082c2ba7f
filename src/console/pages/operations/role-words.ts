import { ApiKeyRole } from '../../generated/symface/v1/admin_service_pb.js';

export const roleWords: Readonly<Record<ApiKeyRole, string>> = {
  [ApiKeyRole.UNSPECIFIED]: 'unknown',
  [ApiKeyRole.CLIENT]: 'CLIENT',
  [ApiKeyRole.DEVICE]: 'DEVICE',
  [ApiKeyRole.ADMIN]: 'ADMIN',
};
