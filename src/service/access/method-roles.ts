import type { ServiceDefinition } from '@grpc/proto-loader';
import { isOfHealthService } from '../platform/grpc/health-service.js';
import type { Role } from './caller.js';

/** What a call needs: a key of a role, or none. */
export type NeededRole = Role | 'none';

/** The option of proto/symface/v1/options.proto, as the loader of the contract calls it. */
const roleOption = '(symface.v1.role)';

const roles: Readonly<Record<string, NeededRole>> = {
  ROLE_NONE: 'none',
  ROLE_CLIENT: 'client',
  ROLE_ADMIN: 'admin',
};

/** Who may call which method, as the methods of the contract state it themselves. */
export class MethodRoles {
  /** The roles by `/package.Service/Method`. */
  private readonly stated: ReadonlyMap<string, NeededRole>;

  constructor(services: Iterable<ServiceDefinition>) {
    const methods = [...services].flatMap((service) => Object.values(service));
    this.stated = new Map(methods.map(({ path, options }) => [path, statedRole(options[roleOption])]));
  }

  /**
   * What a call needs; of a method that is none of the contract's, as server reflection, any key.
   * @param path `/package.Service/Method`
   */
  needed(path: string): NeededRole {
    // A third party's service, whose methods state no role.
    if (isOfHealthService(path)) return 'none';
    return this.stated.get(path) ?? 'client';
  }
}

/** A method that states none does not get past `npm run check`; if it did, it would be the administrator's. */
function statedRole(option: unknown): NeededRole {
  return (typeof option === 'string' ? roles[option] : undefined) ?? 'admin';
}
