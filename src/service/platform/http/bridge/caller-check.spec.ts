import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { callerCheck } from './caller-check.js';

interface Settings {
  readonly httpHost?: string;
  readonly authentication?: 'none' | 'api-key';
}

/** @returns the status of a request with these headers; 0 where it is let through */
function statusOf(headers: Record<string, string>, settings: Settings = {}): number {
  const check = callerCheck({
    httpHost: '127.0.0.1',
    authentication: 'none',
    httpApi: { isServed: true, hasTls: false, allowedOrigins: ['https://app.example.com'] },
    ...settings,
  });
  const request = Object.assign(new IncomingMessage(new Socket()), { headers, method: 'POST' });
  const response = new ServerResponse(request);
  const next = vi.fn();
  check(request, response, next);
  return next.mock.calls.length === 1 ? 0 : response.statusCode;
}

describe('callerCheck', () => {
  it.each(['localhost:50052', '127.0.0.1:50052', '[::1]:50052', 'localhost'])('lets %s through', (host) => {
    expect(statusOf({ host })).toBe(0);
  });

  it.each(['evil.example:50052', 'localhost.evil.example', '127.0.0.1.nip.example:50052', '192.168.0.7', ''])(
    'refuses the name "%s" on loopback without keys, where a page could have made it resolve here',
    (host) => {
      expect(statusOf({ host, origin: `http://${host}` })).toBe(403);
      expect(statusOf({ host })).toBe(403);
    },
  );

  it('takes any name where keys or another address tell who calls', () => {
    expect(statusOf({ host: 'face.example' }, { authentication: 'api-key' })).toBe(0);
    expect(statusOf({ host: 'face.example' }, { httpHost: '0.0.0.0' })).toBe(0);
  });

  it('lets pages of the same and of allowed origins call, and of no other', () => {
    const host = 'localhost:50052';
    expect(statusOf({ host, origin: 'http://localhost:50052' })).toBe(0);
    expect(statusOf({ host, origin: 'https://app.example.com' })).toBe(0);
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1:50052', 'null', 'file://', 'x']) {
      expect(statusOf({ host, origin }), origin).toBe(403);
    }
  });
});
