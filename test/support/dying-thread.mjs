// A gallery thread that ends at its first request.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', () => process.exit(3));
