import type { CallObserver } from '../call-observers.js';

/** What is exported while the process runs. */
export interface TelemetryExport {
  /** Makes the spans of a call; undefined where traces are not exported. */
  readonly onCallEnded: CallObserver | undefined;
  /** Exports what is left, within seconds, whatever the collector does. */
  close(): Promise<void>;
}
