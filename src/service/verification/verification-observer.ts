import type { VerifySubjectCommand } from './verify-subject-command.js';
import type { VerificationOptions, VerificationPair } from './verification-request.js';
import type { Caller } from '../access/caller.js';

/** An answer to a live call. */
export interface AnsweredVerification {
  readonly matched: boolean;
  /** The time from the call to its answer, in milliseconds. */
  readonly elapsedMs: number;
  /** Cosine. */
  readonly similarity: number;
  /** Id of the backbone. */
  readonly modelVersion: string;
}

/** A face that was searched for. */
export interface IdentifiedProbe {
  /** Whether any subject was found for it. */
  readonly matched: boolean;
  /** Id of the backbone. */
  readonly modelVersion: string;
}

/** Is told of live verifications after they were answered; what it does must not hold anybody up, nor throw. */
export interface VerificationObserver {
  pairVerified(pair: VerificationPair, options: VerificationOptions, answer: AnsweredVerification): void;
  subjectVerified(command: VerifySubjectCommand, caller: Caller, answer: AnsweredVerification): void;
  faceIdentified?(probe: IdentifiedProbe): void;
}
