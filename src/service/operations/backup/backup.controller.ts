import { once } from 'node:events';
import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { EMPTY, from, type Observable, switchMap } from 'rxjs';
import { Failure } from '../../../core/failure.js';
import type { BackupRequest__Output } from '../../../generated/symface/v1/BackupRequest.js';
import type { BackupResponse } from '../../../generated/symface/v1/BackupResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { CreateBackup } from './create-backup.js';

/** It is far below the 4 MiB that gRPC's clients take by default. */
const largestChunkBytes = 256 * 1024;
/** How long a client may take nothing: rows of one moment are held for it meanwhile. */
const stallLimitMs = 60_000;

type BackupCall = ServerWritableStream<BackupRequest__Output, BackupResponse>;

/** Backup in symface.v1.OperationsService. */
@UseFilters(FailureFilter)
@Controller()
export class BackupController {
  constructor(@Inject(CreateBackup) private readonly backups: CreateBackup) {}

  @GrpcMethod('OperationsService', 'Backup')
  backup(_request: BackupRequest__Output, metadata: Metadata, call: BackupCall): Observable<BackupResponse> {
    // Nest would keep in memory all that the client has not taken: here each piece waits for it.
    return from(this.send(call, metadata)).pipe(switchMap(() => EMPTY));
  }

  private async send(call: BackupCall, metadata: Metadata): Promise<void> {
    const leaving = new AbortController();
    const leave = (): void => {
      leaving.abort(new Failure('CANCELLED', 'The client cancelled the call.'));
    };
    if (call.cancelled) leave();
    call.on('cancelled', leave);
    try {
      for await (const piece of this.backups.execute(callerOf(metadata), leaving.signal)) {
        for (let start = 0; start < piece.length; start += largestChunkBytes) {
          const chunk = Buffer.from(piece.subarray(start, start + largestChunkBytes));
          if (!call.write({ chunk })) await drained(call, leaving.signal);
        }
        leaving.signal.throwIfAborted();
      }
    } finally {
      call.off('cancelled', leave);
    }
  }
}

/** @throws Failure DEADLINE_EXCEEDED where the client takes nothing for too long; the signal's reason */
async function drained(call: BackupCall, leaving: AbortSignal): Promise<void> {
  const stalled = AbortSignal.timeout(stallLimitMs);
  try {
    await once(call, 'drain', { signal: AbortSignal.any([leaving, stalled]) });
  } catch (error) {
    leaving.throwIfAborted();
    if (!stalled.aborted) throw error;
    throw new Failure(
      'DEADLINE_EXCEEDED',
      `The client took nothing of the backup for ${stallLimitMs / 1000} s.`,
    );
  }
}
