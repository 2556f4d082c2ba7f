import { setTimeout as sleep } from 'node:timers/promises';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Registry } from 'prom-client';
import type { OpenTelemetrySettings } from '../../configuration/open-telemetry-settings.js';
import { packageVersion } from '../../package-version.js';
import type { Logger } from '../logger.js';
import { callSpans } from './call-spans.js';
import { RegistryMetricProducer } from './registry-metric-producer.js';
import type { TelemetryExport } from './telemetry-export.js';

/** A collector that does not answer must not hold the end of the process. */
const closeTimeoutMs = 3_000;

/**
 * Exports over OTLP (HTTP, protobuf). Where to, with which headers, and which calls are traced, the SDK reads from the
 * standard variables. The module is loaded where something is exported only: it brings the SDK with it.
 */
export function exportTelemetry(
  { traces, metrics, metricIntervalMs }: OpenTelemetrySettings,
  registry: Registry,
  logger: Pick<Logger, 'warn' | 'info'>,
): TelemetryExport {
  reportFailures(logger);
  const resource = processResource();
  const tracing = traces ? traceProvider(resource) : undefined;
  const metering = metrics ? meterProvider(resource, registry, metricIntervalMs) : undefined;
  logger.info({ traces, metrics }, 'exporting telemetry over OTLP');
  return {
    onCallEnded: tracing && callSpans(tracing.getTracer('symface', packageVersion())),
    close: async () => {
      const closing = Promise.allSettled([tracing?.shutdown(), metering?.shutdown()]);
      await Promise.race([closing, sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}

/** Its name and attributes by the standard variables, before the service's own. */
function processResource(): Resource {
  const own = resourceFromAttributes({ 'service.name': 'symface', 'service.version': packageVersion() });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

function traceProvider(resource: Resource): NodeTracerProvider {
  return new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
}

function meterProvider(resource: Resource, registry: Registry, exportIntervalMillis: number): MeterProvider {
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(exportIntervalMillis, 30_000),
    metricProducers: [new RegistryMetricProducer(registry)],
  });
  return new MeterProvider({ resource, readers: [reader] });
}

/** What the SDK cannot send it says here, and nowhere else. */
function reportFailures(logger: Pick<Logger, 'warn'>): void {
  const warn = (message: string): void => {
    logger.warn({ cause: message.slice(0, 1_000) }, 'telemetry could not be exported');
  };
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: warn, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.ERROR,
  );
}
