import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** What `npm run build` made of src/console. */
const builtConsole = fileURLToPath(new URL('../../../dist/console', import.meta.url));

/** Nothing but what this service itself sends, no frames around it, and no inline script or style. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Photographs that somebody has chosen and charts that are exported are blobs.
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** Serves the console's files at /console/. They hold nothing of the service: what they show, they ask for with a key. */
export function serveConsole(http: AbstractHttpAdapter): void {
  (http as unknown as Pick<NestExpressApplication, 'useStaticAssets'>).useStaticAssets(builtConsole, {
    prefix: '/console/',
    setHeaders: addHeaders,
  });
  // Whoever types the port alone gets to see something.
  http.get('/', (_request: unknown, response: unknown) => {
    http.redirect(response, 302, '/console/');
  });
}

function addHeaders(response: ServerResponse, path: string): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Names under assets/ hold a digest of the content.
  const isNamedByContent = dirname(path) === join(builtConsole, 'assets');
  response.setHeader('Cache-Control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
}
