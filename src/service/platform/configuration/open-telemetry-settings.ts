import { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { wholeNumber } from './whole-number.js';

const exporter = z.enum(['otlp', 'none']).optional();
const endpoint = z.url({ protocol: /^https?$/u }).optional();

/** The variables of OpenTelemetry that decide whether anything is exported; those that say how, its SDK reads itself. */
export const openTelemetryVariables = {
  OTEL_SDK_DISABLED: z.enum(['true', 'false']).default('false'),
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_METRICS_EXPORTER: exporter,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf']).default('http/protobuf'),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber(100, 86_400_000).default(60_000),
};

type Variables = z.infer<z.ZodObject<typeof openTelemetryVariables>>;

/** What is exported over OTLP. */
export interface OpenTelemetrySettings {
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly metricIntervalMs: number;
}

/**
 * Reads what is to be exported: what is asked for by `otlp`, or by an endpoint. The SDK would send to this machine where there is
 * none; here nothing is sent that nobody named a receiver for.
 * @throws ConfigurationError where an exporter has no endpoint
 */
export function readOpenTelemetry(variables: Variables): OpenTelemetrySettings {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: shared } = variables;
  const isOn = (name: 'TRACES' | 'METRICS'): boolean => {
    const chosen = variables[`OTEL_${name}_EXPORTER`];
    const receiver = variables[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`] ?? shared;
    if (variables.OTEL_SDK_DISABLED === 'true' || chosen === 'none') return false;
    if (chosen === 'otlp' && receiver === undefined) throw withoutEndpoint(name);
    return receiver !== undefined;
  };
  return {
    traces: isOn('TRACES'),
    metrics: isOn('METRICS'),
    metricIntervalMs: variables.OTEL_METRIC_EXPORT_INTERVAL,
  };
}

function withoutEndpoint(name: string): ConfigurationError {
  return new ConfigurationError(
    `Wrong settings in the environment:\n  OTEL_${name}_EXPORTER: otlp needs a receiver; set OTEL_EXPORTER_OTLP_ENDPOINT, such as ` +
      'http://localhost:4318.',
  );
}
