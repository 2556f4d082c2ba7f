import type { ServedModels } from '../analyser/face-analysis.js';
import type { ImageTiming } from '../analyser/stage-durations.js';

/** It is told of what operators want to see, and implemented by the telemetry. Calls must not throw. */
export interface EngineObserver {
  /** A call was refused because the queue is full. */
  onShed(): void;
  /** A worker process ended that should not have. */
  onWorkerLost(description: string): void;
  /** New calls go to other models; loading and warming them took so long. */
  onModelsChanged(seconds: number): void;
  /** The images of one call were worked on, whatever came of it; told in the asynchronous context of whoever asked. */
  onImages(models: ServedModels, images: readonly ImageTiming[]): void;
  /** An error that is nobody's input's fault. */
  onDefect(error: unknown): void;
}
