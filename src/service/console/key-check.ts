import { rememberTenant } from '../platform/http/bridge/body-limits.js';
import { connectFailure } from '../platform/http/bridge/connect-failure.js';
import { contractRegistry, isCallOf, servicesOf } from '../platform/http/bridge/contract-registry.js';
import type { HttpHandler } from '../platform/http/bridge/http-handler.js';
import { refuseCall } from '../platform/http/bridge/refuse-call.js';
import type { ErrorReporter } from '../platform/grpc/error-reporter.js';
import { statusReply, withRequestInfo } from '../platform/grpc/rich-status.js';
import { requestIdKey } from '../platform/telemetry/request-identity.js';
import { bearerKey } from '../access/authentication-interceptor.js';
import type { Authenticate } from '../access/keys/authenticate.js';

/**
 * Refuses calls without a key of this service before their bodies are read, which may be long: Connect reads them whole
 * before anything is forwarded. Roles, and whether a key still holds, the gRPC service checks of each call.
 */
export function keyCheck(authenticate: Pick<Authenticate, 'execute'>, errors: ErrorReporter): HttpHandler {
  const registry = contractRegistry();
  const isCall = isCallOf(servicesOf(registry));
  return (request, response, next) => {
    const { url, headersDistinct, socket } = request;
    if (!isCall(url)) {
      next();
      return;
    }
    authenticate.execute(bearerKey(headersDistinct['authorization'] ?? []), socket.remoteAddress).then(
      ({ tenant }) => {
        rememberTenant(request, tenant);
        next();
      },
      (error: unknown) => {
        errors.report(error);
        const reply = statusReply(error);
        withRequestInfo(reply.metadata, String(response.getHeader(requestIdKey) ?? ''));
        refuseCall(response, connectFailure(reply, registry), registry);
      },
    );
  };
}
