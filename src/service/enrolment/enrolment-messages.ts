import type { EnrolledImage } from './faces/enrol-faces.js';
import type { GalleryRoom } from './gallery/gallery-room.js';
import type {
  Collection as DomainCollection,
  DeletionReceipt as DomainReceipt,
  Subject as DomainSubject,
} from './collection.js';
import type { FaceRecord } from '../../core/faces/face-record.js';
import type { QualityGate as DomainGate } from './quality-gate.js';
import { collectionName, faceName, subjectName } from '../platform/resource-names.js';
import type { Collection } from '../../generated/symface/v1/Collection.js';
import type { DeletionReceipt } from '../../generated/symface/v1/DeletionReceipt.js';
import type { EnrolledFace } from '../../generated/symface/v1/EnrolledFace.js';
import type { EnrollResult } from '../../generated/symface/v1/EnrollResult.js';
import type { QualityGate__Output } from '../../generated/symface/v1/QualityGate.js';
import type { Subject } from '../../generated/symface/v1/Subject.js';
import { toFaceMessage } from '../verification/face-messages.js';
import { partStatus } from '../platform/grpc/rich-status.js';

/** @param room the memory for exact search */
export function toCollectionMessage(
  collection: DomainCollection,
  room: Pick<GalleryRoom, 'shareOf' | 'isNearlyFull'>,
): Collection {
  const { displayName, qualityGate, searchable, subjectCount, faceCount, defaultConsentToTrain } = collection;
  return {
    name: collectionName({ collectionId: collection.id }),
    displayName,
    qualityGate: { ...qualityGate },
    searchable,
    defaultConsentToTrain,
    createTime: collection.createTime.toISOString(),
    subjectCount,
    faceCount,
    galleryMemoryShare: room.shareOf(faceCount),
    galleryNearlyFull: room.isNearlyFull(collection),
  };
}

export function toSubjectMessage(subject: DomainSubject): Subject {
  const { collectionId, id: subjectId, displayName, consentToTrain, faceCount } = subject;
  return {
    name: subjectName({ collectionId, subjectId }),
    displayName,
    consentToTrain,
    createTime: subject.createTime.toISOString(),
    updateTime: subject.updateTime.toISOString(),
    faceCount,
  };
}

export function toEnrolledFaceMessage(record: FaceRecord): EnrolledFace {
  return {
    name: faceName({ ...record, faceId: record.id }),
    face: record.face === undefined ? null : toFaceMessage(record.face),
    fromEmbedding: record.face === undefined,
    detectorVersion: record.detectorVersion,
    modelVersions: [...record.modelVersions],
    createTime: record.createTime.toISOString(),
  };
}

export function toEnrollResult(image: EnrolledImage): EnrollResult {
  if (!image.ok) return { error: partStatus(image.error) };
  return { face: toEnrolledFaceMessage(image.face), alreadyEnrolled: image.alreadyEnrolled };
}

export function toReceiptMessage(receipt: DomainReceipt): DeletionReceipt {
  const { deleteTime, ...counts } = receipt;
  return { ...counts, deleteTime: deleteTime.toISOString() };
}

const gateLimits = [
  'minimumUtility',
  'minimumDetailPixels',
  'maximumOcclusion',
  'minimumFaceSizePixels',
  'minimumSharpness',
  'minimumDetectionProbability',
  'minimumRho',
  'maximumYawDegrees',
  'maximumPitchDegrees',
  'maximumOtherSubjectSimilarity',
] as const satisfies readonly (keyof DomainGate)[];

/** The gate with only the limits that were set: proto-loader adds fields of its own for optional ones. */
export function readQualityGate(gate: QualityGate__Output | null | undefined): DomainGate | undefined {
  if (gate === null || gate === undefined) return undefined;
  const set = gateLimits.flatMap((limit) => {
    const value = gate[limit];
    return value === undefined ? [] : [[limit, value] as const];
  });
  return Object.fromEntries(set);
}
