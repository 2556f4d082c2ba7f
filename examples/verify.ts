// A complete client; with a server running: npx tsc -p examples && node dist/examples/verify.js a.jpg b.jpg
import { readFileSync } from 'node:fs';
import { credentials, makeClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface Verdict {
  matched: boolean;
  similarity: number;
  threshold: { similarity: number };
}
type Answered = (error: Error | null, verdict: Verdict) => void;

const [fileA = '', fileB = '', server = '127.0.0.1:50051'] = process.argv.slice(2);
const contract = loadSync('symface/v1/face_verification_service.proto', { includeDirs: ['proto'] });
const service = contract['symface.v1.FaceVerificationService'] as ServiceDefinition;
const FaceVerification = makeClientConstructor(service, 'FaceVerificationService');
const client = new FaceVerification(server, credentials.createInsecure());
const image = (file: string) => ({ content: readFileSync(file) });

const print: Answered = (error, verdict) => {
  if (error) throw error;
  const { matched, similarity, threshold } = verdict;
  console.log(matched ? 'match' : 'no match', similarity.toFixed(4), `threshold ${threshold.similarity}`);
};
client['verify']?.({ imageA: image(fileA), imageB: image(fileB) }, print);
