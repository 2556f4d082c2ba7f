import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { hasErrorCode } from '../../../storage/files/durable-files.js';

/** What waits to be written at most; lines beyond are lost, and counted. */
const maximumWaitingBytes = 8 * 1024 * 1024;
const retryAfterMs = 500;
/** A pipe that is full may be read at once. */
const retryPipeAfterMs = 20;
/** What the end of the process waits for a log that takes nothing at the moment. */
const patienceAtEndMs = 500;
/** A thread has written what it was given long before, where the log takes anything. */
const threadWritesWithinMs = 10;
const nothing = Buffer.alloc(0);

/**
 * Writes lines of a log without anybody waiting for it. A log that cannot be written stops nothing: on a full disk, or in a pipe that
 * nobody reads, what waits is kept up to a limit and written later, with a line that says how many others were lost. pino's own
 * destination ends the process on a full disk, waits for ever at its end, and keeps in memory whatever a pipe does not take.
 */
export class LogDestination implements DestinationStream {
  private waiting: string[] = [];
  private waitingBytes = 0;
  private lostCount = 0;
  /** What is to be written next. */
  private current = nothing;
  /** What a thread writes at the moment: nobody knows yet how far it is. */
  private inFlight = nothing;
  private isWriting = false;
  private hasReader = true;

  /** @param descriptor of what it writes to */
  constructor(private readonly descriptor: number) {}

  /** A log on standard error. It is written to the end, as far as that can be, when the process ends. */
  static standardError(): LogDestination {
    const destination = new LogDestination(standardErrorDescriptor());
    process.on('exit', () => {
      destination.flushSync();
    });
    return destination;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (!this.hasReader) return;
    if (this.waitingBytes + bytes > maximumWaitingBytes) {
      this.lostCount++;
      return;
    }
    this.waiting.push(line);
    this.waitingBytes += bytes;
    if (!this.isWriting) this.writeNext();
  }

  /**
   * Writes what waits now, before the process ends; it gives up where the log takes nothing for half a second. What a thread writes at
   * the moment is left to it: pino calls this right after the line that is fatal, which would be there twice.
   */
  flushSync(): void {
    if (this.inFlight.length > 0) pause(threadWritesWithinMs);
    const giveUpMs = performance.now() + patienceAtEndMs;
    while (this.take() && this.hasReader && performance.now() < giveUpMs) {
      try {
        this.current = this.current.subarray(writeSync(this.descriptor, this.current));
      } catch (error) {
        if (!hasErrorCode(error, 'EAGAIN')) return;
        pause(10);
      }
    }
  }

  private writeNext(): void {
    if (!this.take()) return;
    this.isWriting = true;
    this.inFlight = this.current;
    this.current = nothing;
    write(this.descriptor, this.inFlight, (error, written) => {
      const rest = this.inFlight.subarray(error === null ? written : 0);
      this.inFlight = nothing;
      this.current = Buffer.concat([rest, this.current]);
      this.isWriting = false;
      if (error === null) {
        this.writeNext();
      } else if (hasErrorCode(error, 'EPIPE', 'EBADF')) {
        this.giveUp();
      } else {
        this.isWriting = true;
        const delayMs = hasErrorCode(error, 'EAGAIN') ? retryPipeAfterMs : retryAfterMs;
        setTimeout(() => {
          this.isWriting = false;
          this.writeNext();
        }, delayMs).unref();
      }
    });
  }

  /** @returns whether there is something to write */
  private take(): boolean {
    if (this.current.length > 0) return true;
    const lines = [...this.waiting, ...(this.lostCount === 0 ? [] : [lostLine(this.lostCount)])];
    this.lostCount = 0;
    this.waiting = [];
    this.waitingBytes = 0;
    this.current = Buffer.from(lines.join(''));
    return this.current.length > 0;
  }

  /** Nobody will ever read it. */
  private giveUp(): void {
    this.hasReader = false;
    this.waiting = [];
    this.waitingBytes = 0;
    this.current = nothing;
  }
}

/** Holds this thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function lostLine(count: number): string {
  const time = new Date().toISOString();
  const msg = `${count} lines of this log were lost: it could not be written fast enough, or the disk was full`;
  return `${JSON.stringify({ level: 'warn', time, msg })}\n`;
}

/**
 * Standard error, or for a pipe another end of it: one that never waits. A thread that waits for a pipe that nobody reads would
 * hold the process at its end.
 */
function standardErrorDescriptor(): number {
  const standardError = 2;
  try {
    if (!fstatSync(standardError).isFIFO()) return standardError;
    return openSync(`/proc/self/fd/${standardError}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Another system, or a pipe of another user.
    return standardError;
  }
}
