import type { Role } from './caller.js';

/** Probes have no keys. */
const openPrefixes = ['/grpc.health.v1.Health/'];
/** What changes or shows the whole service rather than one tenant's faces. */
const adminPaths = [
  '/symface.v1.AdminService/',
  '/symface.v1.TrainingService/',
  '/symface.v1.AssessmentService/',
  '/symface.v1.ModelService/ImportModelVersion',
  '/symface.v1.ModelService/DeleteModelVersion',
  '/symface.v1.ModelService/ActivateModelVersion',
  '/symface.v1.ModelService/CreateActivation',
  '/symface.v1.ModelService/RollBackActivation',
  '/symface.v1.ModelService/CancelActivation',
  // They make the server read files and work for minutes.
  '/symface.v1.EvaluationService/RegisterDataset',
  '/symface.v1.EvaluationService/CreateEvaluation',
  '/symface.v1.EvaluationService/CancelEvaluation',
  '/symface.v1.EvaluationService/CalibrateModelVersion',
  // It shows images of the server's files.
  '/symface.v1.EvaluationService/ListWorstPairs',
];

/**
 * What a method needs.
 * @param path `/package.Service/Method`
 */
export function neededRole(path: string): Role | 'none' {
  if (openPrefixes.some((prefix) => path.startsWith(prefix))) return 'none';
  return adminPaths.some((prefix) => path.startsWith(prefix)) ? 'admin' : 'client';
}
