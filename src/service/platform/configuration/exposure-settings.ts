import { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { wholeNumber } from './whole-number.js';

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
const port = wholeNumber(0, 65_535);

/** Who can reach the service, at which addresses, and what it asks of them. */
export const exposureVariables = {
  SYMFACE_HOST: z.string().min(1).default('127.0.0.1'),
  SYMFACE_GRPC_PORT: port.default(50_051),
  SYMFACE_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  SYMFACE_HTTP_PORT: port.default(50_052),
  SYMFACE_HTTP_API: z.enum(['on', 'off']).optional(),
  SYMFACE_HTTP_TLS: z.enum(['true', 'false']).default('false'),
  SYMFACE_HTTP_ORIGINS: z.string().transform(readOrigins).default([]),
  SYMFACE_AUTHENTICATION: z.enum(['none', 'api-key']).optional(),
  SYMFACE_TLS_CERTIFICATE_FILE: z.string().min(1).optional(),
  SYMFACE_TLS_KEY_FILE: z.string().min(1).optional(),
  SYMFACE_TLS_CLIENT_CA_FILE: z.string().min(1).optional(),
  SYMFACE_ALLOW_INSECURE: z.enum(['true', 'false']).default('false'),
};

type Variables = z.infer<z.ZodObject<typeof exposureVariables>>;

/** Files of the server's certificate and, for mTLS, of the authority that clients' certificates must come from. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | undefined;
}

/** How the HTTP port serves calls and the console, beside probes. */
export interface HttpApi {
  readonly isServed: boolean;
  /** Whether the port speaks TLS, with the files of the gRPC port. */
  readonly hasTls: boolean;
  /** Other origins whose pages may call, such as `https://app.example.com`. */
  readonly allowedOrigins: readonly string[];
}

export interface ExposureSettings {
  readonly host: string;
  readonly grpcPort: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly httpApi: HttpApi;
  readonly authentication: 'none' | 'api-key';
  /** Plaintext where undefined. */
  readonly tls: TlsFiles | undefined;
}

/** @throws ConfigurationError where it can be reached by whom it could not tell apart, and nobody said that it shall */
export function readExposure(settings: Variables): ExposureSettings {
  const reach = readReach(settings);
  return {
    ...reach,
    httpApi: readHttpApi(settings, reach),
    grpcPort: settings.SYMFACE_GRPC_PORT,
    httpHost: settings.SYMFACE_HTTP_HOST,
    httpPort: settings.SYMFACE_HTTP_PORT,
  };
}

/**
 * Reads who can reach the service and how. Beyond this machine it needs TLS and API keys, or to be told that it
 * shall do without.
 */
function readReach(settings: Variables): Pick<ExposureSettings, 'host' | 'authentication' | 'tls'> {
  const host = settings.SYMFACE_HOST;
  const isLoopback = loopbackHosts.has(host);
  const authentication = settings.SYMFACE_AUTHENTICATION ?? (isLoopback ? 'none' : 'api-key');
  const tls = readTls(settings);
  const isOpen = !isLoopback && (tls === undefined || authentication === 'none');
  if (isOpen && settings.SYMFACE_ALLOW_INSECURE !== 'true') {
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  SYMFACE_HOST: ${host} can be reached from other machines, which needs ` +
        'TLS (SYMFACE_TLS_CERTIFICATE_FILE, SYMFACE_TLS_KEY_FILE) and API keys (SYMFACE_AUTHENTICATION=api-key). ' +
        'Set them, or state that you want it insecure with SYMFACE_ALLOW_INSECURE=true.',
    );
  }
  return { host, authentication, tls };
}

/**
 * Reads whether calls are taken over HTTP. Unless the settings say otherwise, they are where nobody gets in who would not
 * over gRPC: on loopback, or with the same TLS and keys. Client certificates are asked for by TLS alone.
 */
function readHttpApi(
  settings: Variables,
  { authentication, tls }: Pick<ExposureSettings, 'authentication' | 'tls'>,
): HttpApi {
  const hasTls = settings.SYMFACE_HTTP_TLS === 'true';
  if (hasTls && tls === undefined) {
    throw new ConfigurationError(
      'Wrong settings in the environment:\n  SYMFACE_HTTP_TLS: the HTTP port takes the certificate of the gRPC port; set ' +
        'SYMFACE_TLS_CERTIFICATE_FILE and SYMFACE_TLS_KEY_FILE.',
    );
  }
  const host = settings.SYMFACE_HTTP_HOST;
  const isLoopback = loopbackHosts.has(host);
  const isSafe = hasTls
    ? isLoopback || authentication === 'api-key'
    : isLoopback && tls?.clientCaFile === undefined;
  const allowedOrigins = settings.SYMFACE_HTTP_ORIGINS;
  if (settings.SYMFACE_HTTP_API === 'on' && !isSafe && settings.SYMFACE_ALLOW_INSECURE !== 'true') {
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  SYMFACE_HTTP_API: over HTTP at ${host} calls would come in without what the ` +
        'gRPC port asks for. Set SYMFACE_HTTP_TLS=true with TLS and API keys, or state that you want it insecure with ' +
        'SYMFACE_ALLOW_INSECURE=true.',
    );
  }
  return {
    isServed: (settings.SYMFACE_HTTP_API ?? (isSafe ? 'on' : 'off')) === 'on',
    hasTls,
    allowedOrigins,
  };
}

/** Origins with commas between them. */
function readOrigins(text: string, context: z.RefinementCtx): readonly string[] {
  const origins = text.split(',').map((origin) => origin.trim());
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong === undefined) return origins;
  context.addIssue({
    code: 'custom',
    message: `takes origins such as https://app.example.com with commas between them, without a path; not "${wrong}"`,
  });
  return z.NEVER;
}

function readTls(settings: Variables): TlsFiles | undefined {
  const certificateFile = settings.SYMFACE_TLS_CERTIFICATE_FILE;
  const keyFile = settings.SYMFACE_TLS_KEY_FILE;
  const clientCaFile = settings.SYMFACE_TLS_CLIENT_CA_FILE;
  if (certificateFile !== undefined && keyFile !== undefined)
    return { certificateFile, keyFile, clientCaFile };
  if (certificateFile === undefined && keyFile === undefined && clientCaFile === undefined) return undefined;
  throw new ConfigurationError(
    'Wrong settings in the environment:\n  TLS needs both SYMFACE_TLS_CERTIFICATE_FILE and SYMFACE_TLS_KEY_FILE ' +
      '(SYMFACE_TLS_CLIENT_CA_FILE is added for client certificates).',
  );
}
