import { Failure } from '../../core/failure.js';
import type { KeyLimits } from './key-limits.js';

/**
 * What a key may do: `client` its tenant's faces; `device` the same, and send embeddings of its own in the place of photographs;
 * `admin` also models, keys and the audit log.
 */
export type Role = 'client' | 'device' | 'admin';

/** Who makes a call. */
export interface Caller {
  /** `apiKeys/{id}`, `anonymous`, `operator` or `service`; for the audit log. */
  readonly actor: string;
  readonly tenant: string;
  readonly role: Role;
  /** Absent of callers that have no key. */
  readonly limits?: KeyLimits;
}

/** Whoever has something done, as the audit log names them. */
export type Requester = Pick<Caller, 'actor' | 'tenant'>;

export const defaultTenant = 'default';

/** The caller where the service asks for no keys: everyone who reaches it may do everything. */
export const anonymousCaller: Caller = { actor: 'anonymous', tenant: defaultTenant, role: 'admin' };

/** Whoever runs an offline command on the service's own machine. */
export const operatorCaller: Caller = { actor: 'operator', tenant: defaultTenant, role: 'admin' };

/** The service itself, where nobody has asked: of the models that serve at the first start. */
export const serviceRequester: Requester = { actor: 'service', tenant: defaultTenant };

export function mayAct(caller: Caller, needed: Role): boolean {
  return caller.role === needed || caller.role === 'admin' || needed === 'client';
}

/**
 * @param what what needs the role, with its verb: "This method needs"
 * @param field proto path of what is asked for in the request; the whole method where absent
 * @throws Failure PERMISSION_DENIED for a caller without the role
 */
export function requireRole(caller: Caller, needed: Role, what: string, field?: string): void {
  if (mayAct(caller, needed)) return;
  const roles = needed === 'admin' ? 'admin' : `${needed} or admin`;
  throw new Failure(
    'PERMISSION_DENIED',
    `${what} an API key of the role ${roles}; the key that was sent has the role ${caller.role}.`,
    { needed_role: needed, ...(field !== undefined && { field }) },
  );
}
