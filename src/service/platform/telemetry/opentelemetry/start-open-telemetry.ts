import type { Registry } from 'prom-client';
import type { OpenTelemetrySettings } from '../../configuration/open-telemetry-settings.js';
import type { Logger } from '../logger.js';
import type { TelemetryExport } from './telemetry-export.js';

/**
 * Exports what the settings ask for. Where they ask for nothing, neither the SDK of OpenTelemetry nor an exporter is loaded.
 * @param registry the metrics, which are exported as they are
 */
export async function startOpenTelemetry(
  settings: OpenTelemetrySettings,
  registry: Registry,
  logger: Pick<Logger, 'warn' | 'info'>,
): Promise<TelemetryExport | undefined> {
  if (!settings.traces && !settings.metrics) return undefined;
  const { exportTelemetry } = await import('./export-telemetry.js');
  return exportTelemetry(settings, registry, logger);
}
