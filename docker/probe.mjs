// node docker/probe.mjs: ends with 0 where this container's service, or worker, is ready. It asks over loopback, so a
// certificate's name says nothing. An HTTP port that asks for client certificates lets no probe in: with
// SYMFACE_TLS_CLIENT_CA_FILE leave SYMFACE_HTTP_TLS unset, and the port shows health and metrics only.
import { get } from 'node:http';
import { get as getWithTls } from 'node:https';

const { SYMFACE_HTTP_HOST: host, SYMFACE_HTTP_PORT: port, SYMFACE_HTTP_TLS: tls } = process.env;
const everyAddress = new Set([undefined, '', '0.0.0.0', '::']);
const request = {
  host: everyAddress.has(host) ? '127.0.0.1' : host,
  port: Number(port || 50_052),
  path: '/readyz',
  timeout: 4_000,
  rejectUnauthorized: false,
};
(tls === 'true' ? getWithTls : get)(request, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
})
  .on('timeout', () => process.exit(1))
  .on('error', ({ message }) => {
    console.error(message);
    process.exit(1);
  });
