/**
 * Entry point of the gallery's thread: holds decrypted templates and scans them, so that a search of a large collection
 * does not hold up the gateway. See docs/adr/0007.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { toRecord } from '../../../core/failure-record.js';
import { openTemplate } from '../../../storage/encryption/sealed-records.js';
import { SecretBox } from '../../../storage/encryption/secret-box.js';
import type {
  GalleryReply,
  GalleryRequest,
  GalleryThreadSetup,
  NumberedRequest,
} from './gallery-protocol.js';
import { GalleryShelf } from './gallery-shelf.js';

const box = new SecretBox((workerData as GalleryThreadSetup).encryptionKey);
const shelves = new Map<string, GalleryShelf>();

function answer(request: GalleryRequest): GalleryReply {
  const shelf = shelves.get(request.shelf);
  switch (request.type) {
    case 'change':
      return changed(request, shelf);
    case 'drop':
      shelves.delete(request.shelf);
      return replyOf(undefined);
    case 'search': {
      const { probe, maximumCandidates, exceptSubjectId } = request;
      return {
        ...replyOf(shelf),
        candidates: shelf?.search(probe, maximumCandidates, exceptSubjectId) ?? [],
      };
    }
  }
}

function changed(
  { added, deletedFaceIds, modelVersion, shelf: name }: Extract<GalleryRequest, { readonly type: 'change' }>,
  existing: GalleryShelf | undefined,
): GalleryReply {
  let shelf = existing;
  for (const { faceId, subjectId, sealed } of added) {
    const embedding = openTemplate(box, faceId, modelVersion, sealed);
    shelf ??= new GalleryShelf(embedding.length);
    shelf.put(faceId, subjectId, embedding);
  }
  for (const faceId of deletedFaceIds) shelf?.remove(faceId);
  if (shelf !== undefined) shelves.set(name, shelf);
  return replyOf(shelf);
}

function replyOf(shelf: GalleryShelf | undefined): GalleryReply {
  return { candidates: [], size: shelf?.size ?? 0, bytes: shelf?.bytes ?? 0 };
}

parentPort?.on('message', ({ id, request }: NumberedRequest) => {
  try {
    parentPort?.postMessage({ id, reply: answer(request) });
  } catch (error) {
    parentPort?.postMessage({ id, error: toRecord(error) });
  }
});
