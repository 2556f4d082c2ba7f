import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { ImageTiming } from '../../../inference/analyser/stage-durations.js';
import { type TraceParent, requestIdOf } from './request-identity.js';

/** Images and statements of one call whose times are kept one by one; of further ones only their share of the sums is. */
const keptTimings = 16;

/** Whoever made a call, as far as its key says. */
interface RecordedCaller {
  readonly actor: string;
  readonly tenant: string;
  readonly role: string;
}

/** One statement or transaction. */
export interface DatabaseTiming {
  /** Of `performance.now()`. */
  readonly startedAtMs: number;
  readonly durationMs: number;
}

/** The longest that an image of the call took in each stage, and all statements together, in milliseconds. */
export interface CallStages {
  readonly queue?: number;
  readonly decode?: number;
  readonly detect?: number;
  readonly embed?: number;
  readonly database?: number;
}

/** How a call ended. */
export interface CallEnd {
  /** As gRPC calls it: OK, INVALID_ARGUMENT. */
  readonly code: string;
  /** Of docs/errors.md; undefined where the call did not fail. */
  readonly reason: string | undefined;
  readonly durationMs: number;
}

/** What is noted of one call while it runs: who, how long, how much. Never names, images or embeddings. */
export class CallRecord {
  readonly startTime = new Date();
  readonly startedAtMs = performance.now();
  requestId = requestIdOf(undefined);
  traceParent: TraceParent | undefined;
  /** Of the span that is exported; undefined where none is. */
  traceId: string | undefined;
  /** "192.0.2.1:4711"; empty where it is not known. */
  peer = '';
  caller: RecordedCaller | undefined;
  models: ServedModels | undefined;
  imageCount = 0;
  faceCount = 0;
  receivedBytes = 0;
  sentBytes = 0;
  /** How many parts of its answer, such as pairs or images, failed for each reason. */
  readonly partFailures = new Map<string, number>();
  /** Of the first images. */
  readonly images: ImageTiming[] = [];
  /** Of the first statements. */
  readonly statements: DatabaseTiming[] = [];
  private readonly longest: Partial<Record<keyof CallStages, number>> = {};
  private isOver = false;

  /** @param method `/package.Service/Method`; one that is served, since metrics are labelled with it */
  constructor(
    readonly method: string,
    public transport: 'grpc' | 'http' = 'grpc',
  ) {}

  get stages(): CallStages {
    return this.longest;
  }

  /** Notes images that were worked on. What goes on after the call's end, as shadow verifications do, is not the call's. */
  onImages(models: ServedModels, images: readonly ImageTiming[]): void {
    if (this.isOver) return;
    this.models = models;
    this.imageCount += images.length;
    for (const image of images) {
      this.faceCount += image.faceCount;
      this.keepLongest('queue', (image.sentAtMs ?? performance.now()) - image.queuedAtMs);
      for (const stage of ['decode', 'detect', 'embed'] as const)
        this.keepLongest(stage, image.stages[stage]);
      if (this.images.length < keptTimings) this.images.push(image);
    }
  }

  /** Notes a statement that was answered. */
  onStatement(timing: DatabaseTiming): void {
    if (this.isOver) return;
    this.longest.database = (this.longest.database ?? 0) + timing.durationMs;
    if (this.statements.length < keptTimings) this.statements.push(timing);
  }

  onPartFailed(reason: string): void {
    this.partFailures.set(reason, (this.partFailures.get(reason) ?? 0) + 1);
  }

  /** Ends it. @returns undefined where it has ended already */
  end(code: string, reason: string | undefined): CallEnd | undefined {
    if (this.isOver) return undefined;
    this.isOver = true;
    return { code, reason, durationMs: performance.now() - this.startedAtMs };
  }

  private keepLongest(stage: keyof CallStages, ms: number | undefined): void {
    if (ms !== undefined && ms > (this.longest[stage] ?? -Infinity)) this.longest[stage] = ms;
  }
}

const calls = new AsyncLocalStorage<CallRecord>();

/** Does a part of a call's work: what it does, now and later, is noted in its record. */
export function withinCall<T>(record: CallRecord, work: () => T): T {
  return calls.run(record, work);
}

/** The record of the call that this is done for; undefined of the service's own work. */
export function currentCall(): CallRecord | undefined {
  return calls.getStore();
}
