import { useClient } from '../../api/session.js';
import { type Loaded, useLoaded } from '../../api/use-loaded.js';
import type { Photograph } from '../../components/photograph.js';
import type { ModelCalibration } from '../../generated/symface/v1/benchmark_service_pb.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import {
  type DetectFacesResponse,
  FaceVerificationService,
  type VerifyResponse,
} from '../../generated/symface/v1/face_verification_service_pb.js';
import { FaceSelection } from '../../generated/symface/v1/image_pb.js';

/** What was found in a photograph. */
export interface DetectedPhotograph {
  readonly photograph: Photograph;
  readonly found: DetectFacesResponse;
}

/** Finds the faces of a photograph; nothing while there is none. */
export function useDetected(photograph: Photograph | undefined): Loaded<DetectedPhotograph | undefined> {
  const client = useClient(FaceVerificationService);
  return useLoaded(
    async (signal) => {
      if (photograph === undefined) return undefined;
      const image = { content: photograph.bytes };
      const request = { image, faceSelection: FaceSelection.ALL, includeCrops: true };
      return { photograph, found: await client.detectFaces(request, { signal }) };
    },
    [client, photograph],
  );
}

/** The answer for a pair, and what its model version is calibrated to. */
export interface ComparedPair {
  readonly first: Photograph;
  readonly second: Photograph;
  readonly answer: VerifyResponse;
  /** Undefined where the version was never calibrated. */
  readonly calibration: ModelCalibration | undefined;
  /** From the call to the answer, milliseconds. */
  readonly tookMs: number;
}

export interface CompareOptions {
  readonly isLargestFace: boolean;
  readonly allowsLowQuality: boolean;
}

/** Compares two photographs; nothing while one is missing. */
export function useCompared(
  first: Photograph | undefined,
  second: Photograph | undefined,
  { isLargestFace, allowsLowQuality }: CompareOptions,
): Loaded<ComparedPair | undefined> {
  const verification = useClient(FaceVerificationService);
  const benchmarks = useClient(BenchmarkService);
  return useLoaded(
    async (signal) => {
      if (first === undefined || second === undefined) return undefined;
      const startMs = performance.now();
      const request = {
        imageA: { content: first.bytes },
        imageB: { content: second.bytes },
        faceSelection: isLargestFace ? FaceSelection.LARGEST : FaceSelection.EXACTLY_ONE,
        quality: { allowLowQuality: allowsLowQuality },
      };
      const answer = await verification.verify(request, { signal });
      const tookMs = performance.now() - startMs;
      const modelVersion = `modelVersions/${answer.modelVersion}`;
      const { calibration } = await benchmarks.getModelCalibration({ modelVersion }, { signal });
      return { first, second, answer, calibration, tookMs };
    },
    [verification, benchmarks, first, second, isLargestFace, allowsLowQuality],
  );
}
