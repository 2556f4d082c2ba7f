import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { type Identification, type IdentifiedCandidate, type IdentifiedFace, Identify } from './identify.js';
import type { SearchMethod as Method } from '../gallery/gallery-search.js';
import type { SubjectPolicy as Policy } from '../../verification/verify-subject-command.js';
import { type SubjectVerification, VerifySubject } from '../subjects/verify-subject.js';
import { faceName, parseSubjectName, subjectName } from '../../platform/resource-names.js';
import type { Candidate } from '../../../generated/symface/v1/Candidate.js';
import type { IdentifyRequest__Output } from '../../../generated/symface/v1/IdentifyRequest.js';
import type { IdentifiedFace as IdentifiedFaceMessage } from '../../../generated/symface/v1/IdentifiedFace.js';
import type { IdentifyResponse } from '../../../generated/symface/v1/IdentifyResponse.js';
import type { SearchMethod__Output } from '../../../generated/symface/v1/SearchMethod.js';
import type { SubjectPolicy__Output } from '../../../generated/symface/v1/SubjectPolicy.js';
import type { VerifySubjectRequest__Output } from '../../../generated/symface/v1/VerifySubjectRequest.js';
import type { VerifySubjectResponse } from '../../../generated/symface/v1/VerifySubjectResponse.js';
import { callerOf } from '../../access/call-caller.js';
import { withCallControl } from '../../platform/grpc/call-signal.js';
import { toFaceMessage, toFindingMessage, toThresholdMessage } from '../../verification/face-messages.js';
import { FailureFilter } from '../../platform/grpc/failure.filter.js';
import { GRPC_SETTINGS, type GrpcSettings } from '../../platform/grpc/grpc-settings.js';
import { readProbe } from '../../verification/embedding-fields.js';
import {
  readQualityRequirement,
  readSelection,
  readSingleSelection,
  readThreshold,
} from '../../verification/image-fields.js';
import { invalidField } from '../../../core/invalid-field.js';
import { partStatus } from '../../platform/grpc/rich-status.js';

const service = 'FaceVerificationService';

/** symface.v1.FaceVerificationService, as far as enrolled subjects go. */
@UseFilters(FailureFilter)
@Controller()
export class IdentificationController {
  constructor(
    @Inject(VerifySubject) private readonly verify: VerifySubject,
    @Inject(Identify) private readonly identify: Identify,
    @Inject(GRPC_SETTINGS) private readonly settings: GrpcSettings,
  ) {}

  @GrpcMethod(service, 'VerifySubject')
  async verifySubject(
    request: VerifySubjectRequest__Output,
    metadata: Metadata,
    call: ServerUnaryCall<VerifySubjectRequest__Output, VerifySubjectResponse>,
  ): Promise<VerifySubjectResponse> {
    const caller = callerOf(metadata);
    const command = {
      subject: request.subject,
      probe: readProbe(request, caller),
      selection: readSingleSelection(request.faceSelection),
      threshold: readThreshold(request),
      quality: readQualityRequirement(request),
      policy: readPolicy(request.policy),
    };
    const verification = await withCallControl(call, this.settings.defaultDeadlineMs, (control) =>
      this.verify.execute(command, caller, control),
    );
    const key = parseSubjectName(request.subject, caller.tenant, 'subject');
    return toVerifySubjectResponse(verification, faceName({ ...key, faceId: verification.bestFaceId }));
  }

  @GrpcMethod(service, 'Identify')
  async identifyFace(
    request: IdentifyRequest__Output,
    metadata: Metadata,
    call: ServerUnaryCall<IdentifyRequest__Output, IdentifyResponse>,
  ): Promise<IdentifyResponse> {
    const caller = callerOf(metadata);
    const selection = readSelection(request.faceSelection, 'exactly-one');
    const command = {
      collection: request.collection,
      probe: readProbe(request, caller),
      selection,
      maximumCandidates: request.maxCandidates,
      threshold: readThreshold(request),
      quality: readQualityRequirement(request),
      method: readMethod(request.searchMethod),
      policy: readPolicy(request.policy),
    };
    const identification = await withCallControl(call, this.settings.defaultDeadlineMs, (control) =>
      this.identify.execute(command, caller, control),
    );
    return toIdentifyResponse(identification, selection === 'all');
  }
}

function toVerifySubjectResponse(verification: SubjectVerification, bestFace: string): VerifySubjectResponse {
  const { matched, similarity, bestSimilarity, meanSimilarity, comparedFaceCount, models } = verification;
  return {
    matched,
    similarity,
    threshold: toThresholdMessage(verification.threshold),
    ...(verification.matchProbability !== undefined && { matchProbability: verification.matchProbability }),
    bestSimilarity,
    meanSimilarity,
    bestFace,
    comparedFaceCount,
    damagedFaceCount: verification.damagedFaceCount,
    modelVersion: models.backboneId,
    detectorVersion: models.detectorId,
    ...(verification.face !== undefined && { face: toFaceMessage(verification.face) }),
    qualityFindings: verification.findings.map(toFindingMessage),
  };
}

function toIdentifyResponse(identification: Identification, allFaces: boolean): IdentifyResponse {
  const { collection, models, searchedFaceCount, damagedFaceCount, leftOutFaceCount } = identification;
  const faces = identification.faces.map((identified) => toIdentifiedFace(identified, collection));
  return {
    ...(allFaces ? { faces, leftOutFaceCount } : faces[0]),
    threshold: toThresholdMessage(identification.threshold),
    searchedFaceCount,
    damagedFaceCount,
    modelVersion: models.backboneId,
    detectorVersion: models.detectorId,
  };
}

function toIdentifiedFace(
  { face, candidates, refusal, findings }: IdentifiedFace,
  collection: Identification['collection'],
): IdentifiedFaceMessage {
  return {
    ...(face !== undefined && { face: toFaceMessage(face) }),
    candidates: candidates.map((candidate) => toCandidateMessage(candidate, collection)),
    ...(refusal !== undefined && { error: partStatus(refusal) }),
    qualityFindings: findings.map(toFindingMessage),
  };
}

function toCandidateMessage(
  { subjectId, faceId, similarity, matched, displayName, threshold, matchProbability }: IdentifiedCandidate,
  collection: Identification['collection'],
): Candidate {
  return {
    subject: subjectName({ ...collection, subjectId }),
    face: faceName({ ...collection, subjectId, faceId }),
    similarity,
    matched,
    subjectDisplayName: displayName,
    threshold: threshold === undefined ? null : toThresholdMessage(threshold),
    ...(matchProbability !== undefined && { matchProbability }),
  };
}

function readPolicy(policy: SubjectPolicy__Output): Policy {
  switch (policy) {
    case 'SUBJECT_POLICY_UNSPECIFIED':
    case 'SUBJECT_POLICY_BEST':
      return 'best';
    case 'SUBJECT_POLICY_MEAN':
      return 'mean';
    default:
      throw invalidField('policy', 'is not a known SubjectPolicy');
  }
}

function readMethod(method: SearchMethod__Output): Method {
  switch (method) {
    case 'SEARCH_METHOD_UNSPECIFIED':
    case 'SEARCH_METHOD_EXACT':
      return 'exact';
    case 'SEARCH_METHOD_APPROXIMATE':
      return 'approximate';
    default:
      throw invalidField('search_method', 'is not a known SearchMethod');
  }
}
