import type { IncomingMessage, ServerResponse } from 'node:http';
import { Failure } from '../../../../core/failure.js';
import { connectionName } from '../../grpc/call-peer.js';
import type { ErrorReporter } from '../../grpc/error-reporter.js';
import { type RequestBudgets, tooManyBytes } from '../../grpc/request-budgets.js';
import { statusReply, withRequestInfo } from '../../grpc/rich-status.js';
import { requestIdKey } from '../../telemetry/request-identity.js';
import { maximumBodyBytes } from './body-size.js';
import type { HttpHandler } from './http-handler.js';
import { connectFailure } from './connect-failure.js';
import { contractRegistry, isCallOf, servicesOf } from './contract-registry.js';
import { refuseCall } from './refuse-call.js';

/** Whose requests they are: the tenants of requests whose keys were looked at. */
const tenants = new WeakMap<IncomingMessage, string>();

/** Notes whose request it is. */
export function rememberTenant(request: IncomingMessage, tenant: string): void {
  tenants.set(request, tenant);
}

/** Messages in envelopes: an upload, of which each part has the time that a request has. */
const streamType = /^application\/(?:connect\+|grpc)/iu;

/**
 * Refuses calls over HTTP whose bodies take too long to come, or are more bytes than one client, or all together, may have on
 * their way.
 * @param receiveTimeoutMs how long a request, or the next part of an upload, may take to come
 */
export function bodyLimits(
  { bytes: budget }: RequestBudgets,
  receiveTimeoutMs: number,
  errors: ErrorReporter,
): HttpHandler {
  const registry = contractRegistry();
  const isCall = isCallOf(servicesOf(registry));
  const refuse = (request: IncomingMessage, response: ServerResponse, failure: Failure): void => {
    errors.report(failure);
    if (response.headersSent) {
      request.destroy();
      return;
    }
    response.setHeader('Connection', 'close');
    response.once('finish', () => request.destroy());
    const reply = statusReply(failure);
    withRequestInfo(reply.metadata, String(response.getHeader(requestIdKey) ?? ''));
    refuseCall(response, connectFailure(reply, registry), registry);
  };
  return (request, response, next) => {
    if (!isCall(request.url)) {
      next();
      return;
    }
    // It has gone while its key was looked at: nobody would tell that its bytes are free again.
    if (request.socket.destroyed) return;
    const { remoteAddress, remotePort } = request.socket;
    const tenant = tenants.get(request);
    const path = [...(tenant === undefined ? [] : [tenant]), connectionName(remoteAddress, remotePort)];
    const timer = setTimeout(() => {
      refuse(request, response, notReceived(receiveTimeoutMs));
    }, receiveTimeoutMs);
    const isStream = streamType.test(request.headers['content-type'] ?? '');
    let taken = 0;
    // So that a listener does not set it going: whoever reads it comes later.
    request.pause();
    const take = (bytes: number): void => {
      if (budget.take(path, bytes)) taken += bytes;
      else refuse(request, response, tooManyBytes(budget));
    };
    // All that it says it will be, before it comes; what does not say so is counted as it comes.
    const announced = announcedBytes(request);
    request.on('data', (chunk: Buffer) => {
      if (isStream) timer.refresh();
      if (announced === undefined) take(chunk.byteLength);
    });
    request.once('end', () => {
      clearTimeout(timer);
    });
    response.once('close', () => {
      clearTimeout(timer);
      budget.giveBack(path, taken);
      taken = 0;
    });
    if (announced !== undefined) take(announced);
    if (!response.headersSent) next();
  };
}

/** The length of a body; undefined where it is told piece by piece, or is more than any call may have, which the bridge refuses. */
function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const { 'content-length': length } = headers;
  return length === undefined || Number(length) > maximumBodyBytes ? undefined : Number(length);
}

function notReceived(receiveTimeoutMs: number): Failure {
  const message = `The request did not come within ${receiveTimeoutMs} ms. Send smaller images, or send faster.`;
  return new Failure('DEADLINE_EXCEEDED', message);
}
