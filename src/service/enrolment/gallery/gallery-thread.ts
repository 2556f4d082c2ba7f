/**
 * Entry point of the gallery's threads: each holds its share of the decrypted templates and scans them, so that a search of a
 * large collection does not hold up the gateway. See docs/adr/0007 and 0020.
 */
import { parentPort } from 'node:worker_threads';
import { toRecord } from '../../../core/failure-record.js';
import { type NumberedKeys, SecretBox } from '../../../storage/encryption/secret-box.js';
import { openTemplateIfWhole } from '../faces/damaged-templates.js';
import type { GalleryReply, GalleryRequest, GalleryRequestMessage } from './gallery-protocol.js';
import { FlatIndex } from './flat-index.js';
import { ScanMemory } from './scan-memory.js';

const memory = new ScanMemory();
const flatIndexes = new Map<string, FlatIndex>();

function answer({ request, keys }: GalleryRequestMessage): GalleryReply {
  const flatIndex = flatIndexes.get(request.flatIndex);
  switch (request.type) {
    case 'change':
      return changed(request, flatIndex, keys);
    case 'drop':
      flatIndexes.delete(request.flatIndex);
      flatIndex?.clear();
      return replyOf(undefined);
    case 'search': {
      const { probe, maximumCandidates, exceptSubjectId } = request;
      return {
        ...replyOf(flatIndex),
        candidates: flatIndex?.search(probe, maximumCandidates, exceptSubjectId) ?? [],
      };
    }
  }
}

function changed(
  {
    added,
    deletedFaceIds,
    modelVersion,
    flatIndex: name,
  }: Extract<GalleryRequest, { readonly type: 'change' }>,
  existing: FlatIndex | undefined,
  keys: NumberedKeys | undefined,
): GalleryReply {
  let flatIndex = existing;
  const damagedFaceIds: string[] = [];
  if (keys === undefined) throw new Error('templates came without the keys that open them');
  const box = new SecretBox(keys);
  for (const { faceId, subjectId, sealed } of added) {
    const embedding = openTemplateIfWhole(box, faceId, modelVersion, sealed);
    if (embedding === undefined) {
      flatIndex?.remove(faceId);
      damagedFaceIds.push(faceId);
      continue;
    }
    if (flatIndex === undefined) {
      flatIndex = new FlatIndex(embedding.length, memory);
      // At once: where the rest of the change fails, what this takes of the memory is still given back with the index.
      flatIndexes.set(name, flatIndex);
    }
    flatIndex.put(faceId, subjectId, embedding);
  }
  for (const faceId of deletedFaceIds) flatIndex?.remove(faceId);
  return { ...replyOf(flatIndex), damagedFaceIds };
}

function replyOf(flatIndex: FlatIndex | undefined): GalleryReply {
  return { candidates: [], damagedFaceIds: [], size: flatIndex?.size ?? 0, bytes: flatIndex?.bytes ?? 0 };
}

parentPort?.on('message', (message: GalleryRequestMessage) => {
  const { id } = message;
  try {
    parentPort?.postMessage({ id, reply: answer(message) });
  } catch (error) {
    parentPort?.postMessage({ id, error: toRecord(error) });
  }
});
