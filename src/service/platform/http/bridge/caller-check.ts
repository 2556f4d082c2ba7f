import type { IncomingMessage, ServerResponse } from 'node:http';
import { Code, ConnectError, cors } from '@connectrpc/connect';
import type { Configuration } from '../../configuration/configuration.js';
import type { HttpHandler } from './http-handler.js';
import { refuseCall } from './refuse-call.js';

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** What else than Connect's own headers a page may send: its key, an id of the call, the span that it belongs to. */
const allowedHeaders = [...cors.allowedHeaders, 'Authorization', 'X-Request-Id', 'Traceparent'].join(', ');
const exposedHeaders = [...cors.exposedHeaders, 'X-Request-Id'].join(', ');
/** How long a browser may remember what it was told, in seconds. */
const preflightSeconds = 7200;

type Settings = Pick<Configuration, 'httpHost' | 'httpApi' | 'authentication'>;

/**
 * Refuses pages of other origins than are allowed, and tells browsers which ones are (CORS). Where neither key nor network
 * keeps strangers out, the name that was called has to be this machine's: a page of another name that is made to
 * resolve to this address (DNS rebinding) is of the same origin as far as the browser knows.
 */
export function callerCheck({ httpHost, httpApi, authentication }: Settings): HttpHandler {
  const allowed = new Set(httpApi.allowedOrigins);
  const isNameChecked = authentication === 'none' && isLoopback(httpHost);
  return (request, response, next) => {
    const { host = '', origin } = request.headers;
    if (isNameChecked && !isLoopback(nameOf(host))) {
      refuse(
        response,
        `This service has no API keys and answers at localhost only, not at "${nameOf(host)}".`,
      );
      return;
    }
    if (origin === undefined || isOwn(origin, host)) {
      next();
      return;
    }
    // Caches must not give one origin what another was told.
    response.setHeader('Vary', 'Origin');
    if (!allowed.has(origin)) {
      refuse(
        response,
        `Pages of ${origin} may not call this service: its SYMFACE_HTTP_ORIGINS does not have it.`,
      );
      return;
    }
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', exposedHeaders);
    if (isPreflight(request)) answerPreflight(response);
    else next();
  };
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function answerPreflight(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Methods', cors.allowedMethods.join(', '));
  response.setHeader('Access-Control-Allow-Headers', allowedHeaders);
  response.setHeader('Access-Control-Max-Age', preflightSeconds);
  response.writeHead(204).end();
}

function refuse(response: ServerResponse, message: string): void {
  refuseCall(response, new ConnectError(message, Code.PermissionDenied));
}

function isOwn(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: own } = new URL(origin);
  return (protocol === 'http:' || protocol === 'https:') && own === host;
}

/** The name without its port; an address of version 6 keeps its brackets. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/u, '').toLowerCase();
}

function isLoopback(name: string): boolean {
  return loopbackNames.has(name) || name === '::1';
}
