import type { DescService } from '@bufbuild/protobuf';
import { type Client, type Interceptor, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { GetCallerResponse } from '../generated/symface/v1/admin_service_pb.js';
import { ApiKeyRole } from '../generated/symface/v1/admin_service_pb.js';
import type { CallFailure } from './failure.js';

/** Who uses the console. The key lives in this object only: a page that is loaded again asks for it again. */
export interface Session {
  /** Undefined where the service asks for no keys. */
  readonly apiKey: string | undefined;
  readonly caller: GetCallerResponse;
  /** Forgets the key and asks for another. @param because shown with the question */
  readonly signOut: (because?: CallFailure) => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** @throws Error outside of the signed-in part of the console */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('this part of the console is shown to nobody before sign-in');
  return session;
}

/** Whether the caller may change and see the whole service. */
export function useIsAdmin(): boolean {
  return useSession().caller.role === ApiKeyRole.ADMIN;
}

/** The typed client of a service of the contract, with the session's key. */
export function useClient<Service extends DescService>(service: Service): Client<Service> {
  const { apiKey } = useSession();
  return useMemo(() => clientOf(service, apiKey), [service, apiKey]);
}

/** A client that calls the address that the page came from, in the binary Connect protocol. */
export function clientOf<Service extends DescService>(
  service: Service,
  apiKey: string | undefined,
): Client<Service> {
  const interceptors = apiKey === undefined ? [] : [withKey(apiKey)];
  const transport = createConnectTransport({
    baseUrl: window.location.origin,
    useBinaryFormat: true,
    interceptors,
  });
  return createClient(service, transport);
}

function withKey(apiKey: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${apiKey}`);
    return next(request);
  };
}
