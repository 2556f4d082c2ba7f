// A complete client. From the repository's root, with a server running:
//   npx tsc -p examples && node dist/examples/verify.js a.jpg b.jpg
import { readFileSync } from 'node:fs';
import { credentials, makeClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface Verdict {
  matched: boolean;
  similarity: number;
  threshold: { similarity: number };
}
interface Client {
  verify(request: object, done: (error: Error | null, verdict: Verdict) => void): void;
}

const [fileA = '', fileB = '', server = '127.0.0.1:50051'] = process.argv.slice(2);
const contract = loadSync('symface/v1/face_verification_service.proto', { includeDirs: ['proto'] });
const service = contract['symface.v1.FaceVerificationService'] as ServiceDefinition;
const FaceVerification = makeClientConstructor(service, 'FaceVerificationService');
const client = new FaceVerification(server, credentials.createInsecure()) as unknown as Client;
const image = (file: string) => ({ content: readFileSync(file) });

client.verify({ imageA: image(fileA), imageB: image(fileB) }, (error, verdict) => {
  if (error) throw error;
  const { matched, similarity, threshold } = verdict;
  console.log(
    matched ? 'match' : 'no match',
    similarity.toFixed(4),
    'threshold',
    threshold.similarity.toFixed(4),
  );
});
