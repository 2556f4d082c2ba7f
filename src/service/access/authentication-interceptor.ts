import { type Metadata, type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import type { Authenticate } from './keys/authenticate.js';
import { anonymousCaller, type Caller, requireRole } from './caller.js';
import type { CallLimits } from './limits/call-limits.js';
import { MethodRoles, type NeededRole } from './method-roles.js';
import { rememberCaller } from './call-caller.js';
import type { ErrorReporter } from '../platform/grpc/error-reporter.js';
import { contractServices } from '../../contract/contract.js';
import { currentCall } from '../platform/telemetry/call-record.js';
import { rememberOrigin } from '../platform/grpc/call-origin.js';
import { callPeer } from '../platform/grpc/call-peer.js';
import { statusReply } from '../platform/grpc/rich-status.js';

const bearerPattern = /^bearer +(?<key>\S+)$/iu;

/**
 * Finds out who calls, before anything of the request is read, and refuses who may not.
 * @param authenticate undefined: everyone who reaches the service may do everything (development)
 * @param limits what callers are held to
 */
export function authenticationInterceptor(
  authenticate: Pick<Authenticate, 'execute'> | undefined,
  errors: ErrorReporter,
  limits?: Pick<CallLimits, 'admit'>,
): ServerInterceptor {
  const roles = new MethodRoles(contractServices().values());
  let nextCall = 1;
  return ({ path }, call) => {
    /** Those of whom nobody asks who they are open as many connections as they like: each method's callers are one group. */
    const groupOf = (caller: Caller | undefined): readonly string[] => {
      if (caller === undefined) return [`anybody ${path}`];
      // Without keys all callers are one tenant: connections are then all that tells them apart.
      return authenticate === undefined ? [] : [caller.tenant];
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const { address, connection } = callPeer(call, metadata);
            const admitted = async (): Promise<void> => {
              const caller = await admit(roles.needed(path), metadata, address, authenticate);
              const counted = caller && (await limits?.admit(caller));
              rememberOrigin(metadata, {
                ...counted,
                share: [...groupOf(caller), connection, `call ${nextCall++}`],
              });
            };
            admitted().then(
              () => {
                proceed(metadata);
              },
              (error: unknown) => {
                errors.report(error);
                call.sendStatus(statusReply(error));
              },
            );
          },
        });
      },
    });
  };
}

async function admit(
  needed: NeededRole,
  metadata: Metadata,
  address: string,
  authenticate: Pick<Authenticate, 'execute'> | undefined,
): Promise<Caller | undefined> {
  if (needed === 'none') return undefined;
  const caller: Caller =
    authenticate === undefined
      ? anonymousCaller
      : await authenticate.execute(bearerKey(metadata.get('authorization')), address);
  const record = currentCall();
  if (record !== undefined) record.caller = caller;
  requireRole(caller, needed, 'This method needs');
  rememberCaller(metadata, caller);
  return caller;
}

/** The key in the headers `authorization`. Of two nobody could say whose call it is: they count as none. */
export function bearerKey(headers: readonly (string | Buffer)[]): string | undefined {
  const [value, another] = headers;
  if (another !== undefined) return undefined;
  return typeof value === 'string' ? bearerPattern.exec(value)?.groups?.['key'] : undefined;
}
