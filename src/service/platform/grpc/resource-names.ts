import { invalidField } from '../../../core/invalid-field.js';
import { readUuidName } from './request-fields.js';

const [models, datasets, jobs, benchmarkRuns] = ['modelVersions', 'datasets', 'jobs', 'benchmarkRuns'];

export function modelName(id: string): string {
  return `${models}/${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "modelVersions/{id}" */
export function modelId(name: string, field = 'name'): string {
  const id = name.startsWith(`${models}/`) ? name.slice(models.length + 1) : '';
  if (id === '' || id.includes('/')) throw invalidField(field, `must be "${models}/{id}"`);
  return id;
}

export function datasetName(id: string): string {
  return `${datasets}/${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "datasets/{id}" */
export function datasetId(name: string, field: string): string {
  const id = /^datasets\/(?<id>[a-z0-9][a-z0-9._-]{0,62})$/u.exec(name)?.groups?.['id'];
  if (id === undefined) throw invalidField(field, `must be "${datasets}/{id}"`);
  return id;
}

export function jobName(id: string): string {
  return `${jobs}/${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "jobs/{id}" */
export function jobId(name: string): string {
  return readUuidName(name, jobs, 'name');
}

export function benchmarkRunName(id: string): string {
  return `${benchmarkRuns}/${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "benchmarkRuns/{id}" */
export function benchmarkRunId(name: string, field: string): string {
  return readUuidName(name, benchmarkRuns, field);
}
