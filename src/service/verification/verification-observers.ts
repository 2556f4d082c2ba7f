import type { Caller } from '../access/caller.js';
import type { AnsweredVerification, IdentifiedProbe, VerificationObserver } from './verification-observer.js';
import type { VerificationOptions, VerificationPair } from './verification-request.js';
import type { VerifySubjectCommand } from './verify-subject-command.js';

/** Tells every observer that later features have added. */
export class VerificationObservers implements VerificationObserver {
  private readonly observers: VerificationObserver[] = [];

  add(observer: VerificationObserver): void {
    this.observers.push(observer);
  }

  pairVerified(pair: VerificationPair, options: VerificationOptions, answer: AnsweredVerification): void {
    for (const observer of this.observers) observer.pairVerified(pair, options, answer);
  }

  subjectVerified(command: VerifySubjectCommand, caller: Caller, answer: AnsweredVerification): void {
    for (const observer of this.observers) observer.subjectVerified(command, caller, answer);
  }

  faceIdentified(probe: IdentifiedProbe): void {
    for (const observer of this.observers) observer.faceIdentified?.(probe);
  }
}
