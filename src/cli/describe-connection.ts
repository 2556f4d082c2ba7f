/** What kept a connection from coming about, as @grpc/grpc-js and OpenSSL write it, and what to do about it. */
const causes: readonly (readonly [pattern: RegExp, describe: (server: string) => string])[] = [
  [
    /wrong version number|packet length too long|unexpected message/u,
    (server) =>
      `What answers at ${server} does not speak TLS. Leave --tls (and --tls-ca) out, or name its TLS port.`,
  ],
  [
    /self-signed certificate|unable to (?:verify the first|get (?:local )?issuer) certificate/u,
    (server) =>
      `The certificate of ${server} is of an authority that is not known here. Name the authority's PEM file with --tls-ca.`,
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/u,
    (server) =>
      `The certificate of ${server} is for another name. Call the server by a name that its certificate has.`,
  ],
  [
    /certificate has expired|certificate is not yet valid/u,
    (server) => `The certificate of ${server} is not valid now. Renew it, or set this machine's clock.`,
  ],
  [
    /alert certificate required|certificate required|alert bad certificate|alert unknown ca/iu,
    (server) =>
      `${server} takes clients with a certificate that it knows only. Name yours with --tls-certificate and --tls-key.`,
  ],
  [
    /Failed to connect/u,
    (server) =>
      `What answers at ${server} ends connections without TLS. Add --tls where it is a server with TLS.`,
  ],
  [
    /Name resolution failed/u,
    (server) => `There is no host of the name in ${server}. Check --server host:port.`,
  ],
];

/**
 * Why no SymFace server is reached, by the text of an UNAVAILABLE that none has sent.
 * @param server `host:port`; undefined where it is not known
 */
export function describeConnection(message: string, server: string | undefined): string {
  const known = causes.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return known[1](server ?? 'the server');
  const at = server === undefined ? '' : ` at ${server}`;
  return `No SymFace server answers${at}. Start one with "symface serve" (or "npm start"), or name another with --server host:port.`;
}
