import type { IncomingHttpHeaders } from 'node:http';
import type { Http2Server } from 'node:http2';

const msOfHour = 3_600_000;
/** Whole hours of what a timer of Node's takes, 2^31 - 1 ms: longer ones are over at once. */
const longestHours = Math.floor((2 ** 31 - 1) / msOfHour);
const longestMs = longestHours * msOfHour;
/** gRPC over HTTP/2, "Timeout"; in milliseconds what is a unit of. Shorter ones, of eight digits at most, always fit. */
const timeoutUnits: Readonly<Record<string, number>> = { H: msOfHour, M: 60_000, S: 1_000 };

/**
 * Has calls that have longer than 596 hours for their answer ask for that much. Some clients say "no deadline" by thousands of hours;
 * grpc-js 1.14 counts the milliseconds in 32 bits, Connect by a timer, and such calls are over before they begin, or at any time.
 */
export function boundDeadline(headers: IncomingHttpHeaders): void {
  const grpcTimeout = String(headers['grpc-timeout'] ?? '');
  const [, count = '0', unit = ''] = /^(\d{1,8})([HMS])$/u.exec(grpcTimeout) ?? [];
  if (Number(count) * (timeoutUnits[unit] ?? 0) > longestMs) headers['grpc-timeout'] = `${longestHours}H`;
  const connectTimeout = String(headers['connect-timeout-ms'] ?? '');
  if (/^\d{1,10}$/u.test(connectTimeout) && Number(connectTimeout) > longestMs)
    headers['connect-timeout-ms'] = String(longestMs);
}

/** The same for every call of a server, before grpc-js sees it: it has no setting for that. */
export function boundDeadlines(http2Server: Http2Server): void {
  http2Server.prependListener('stream', (_stream, headers) => {
    boundDeadline(headers);
  });
}
