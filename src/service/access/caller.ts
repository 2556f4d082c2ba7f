/** What a key may do: `client` its tenant's faces, `admin` also models, keys and the audit log. */
export type Role = 'client' | 'admin';

/** Who makes a call. */
export interface Caller {
  /** `apiKeys/{id}`, `anonymous` or `operator`; for the audit log. */
  readonly actor: string;
  readonly tenant: string;
  readonly role: Role;
}

/** Whoever has something done, as the audit log names them. */
export type Requester = Pick<Caller, 'actor' | 'tenant'>;

export const defaultTenant = 'default';

/** The caller where the service asks for no keys: everyone who reaches it may do everything. */
export const anonymousCaller: Caller = { actor: 'anonymous', tenant: defaultTenant, role: 'admin' };

/** Whoever runs an offline command on the service's own machine. */
export const operatorCaller: Caller = { actor: 'operator', tenant: defaultTenant, role: 'admin' };

export function mayAct(caller: Caller, needed: Role): boolean {
  return needed === 'client' || caller.role === 'admin';
}
