import type { VerifySubjectCommand } from './verify-subject-command.js';
import type { VerificationOptions, VerificationPair } from './verification-request.js';
import type { Caller } from '../access/caller.js';

/** An answer to a live call. */
export interface AnsweredVerification {
  readonly matched: boolean;
  /** The time from the call to its answer, in milliseconds. */
  readonly elapsedMs: number;
}

/** Is told of live verifications after they were answered; what it does must not hold anybody up, nor throw. */
export interface VerificationObserver {
  pairVerified(pair: VerificationPair, options: VerificationOptions, answer: AnsweredVerification): void;
  subjectVerified(command: VerifySubjectCommand, caller: Caller, answer: AnsweredVerification): void;
}
