// Compares two photographs; with a server running: npm run build:examples && node dist/examples/verify.js a.jpg b.jpg
import { readFileSync } from 'node:fs';
import { SymFaceClient } from 'symface/client';

const [fileA = '', fileB = '', server = '127.0.0.1:50051'] = process.argv.slice(2);
const client = new SymFaceClient({ server });
const image = (file: string) => ({ content: readFileSync(file) });
const images = { imageA: image(fileA), imageB: image(fileB) };
const { matched, similarity, threshold } = await client.faceVerification.verify(images);
console.log(matched ? 'match' : 'no match', similarity.toFixed(4), `threshold ${threshold?.similarity}`);
client.close();
