import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const settings = new Set(
  text('src/service/platform/configuration/configuration.ts').match(/SYMFACE_[A-Z_]+|DATABASE_URL/gu),
);

interface Service {
  readonly build?: { readonly dockerfile: string; readonly target?: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

describe.each(['Dockerfile', 'cuda12.Dockerfile', 'tensorflow.Dockerfile'])('docker/%s', (name) => {
  const dockerfile = `docker/${name}`;

  it('has nothing to complain of', () => {
    expect(validate(text(dockerfile)).map(({ message, range }) => [range.start.line + 1, message])).toEqual(
      [],
    );
  });

  it('sets what the service knows', () => {
    const names = text(dockerfile).match(/SYMFACE_[A-Z_]+/gu) ?? [];
    expect(names.filter((name) => !settings.has(name))).toEqual([]);
  });
});

describe('docker/compose.yaml', () => {
  const compose = parse(text('docker/compose.yaml'), { merge: true }) as Compose;

  it('sets what the service knows', () => {
    const ours = Object.values(compose.services).filter(({ build }) => build !== undefined);
    const names = ours.flatMap(({ environment }) => Object.keys(environment));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !settings.has(name))).toEqual([]);
  });

  it('builds from files and stages that are there', () => {
    for (const { build } of Object.values(compose.services)) {
      if (build === undefined) continue;
      const { dockerfile, target } = build;
      const stages = [...text(dockerfile).matchAll(/^FROM \S+ AS (\S+)$/gmu)].map(([, stage]) => stage);
      if (target !== undefined) expect(stages).toContain(target);
    }
  });

  it('declares every volume, secret and service that is used, and uses every one', () => {
    const services = Object.values(compose.services);
    const named = (lists: readonly (readonly string[] | undefined)[]) =>
      [...new Set(lists.flatMap((list) => list ?? []).map((entry) => entry.split(':')[0]!))].sort();
    expect(named(services.map(({ volumes }) => volumes))).toEqual(Object.keys(compose.volumes).sort());
    expect(named(services.map(({ secrets }) => secrets))).toEqual(Object.keys(compose.secrets).sort());
    for (const { depends_on: needed = {} } of services) {
      for (const name of Object.keys(needed)) expect(compose.services).toHaveProperty(name);
    }
  });

  it('keeps its secrets out of git and out of the image', () => {
    expect(text('.dockerignore').split('\n')).toContain('docker/secrets');
    expect(text('.gitignore').split('\n')).toContain('docker/secrets/');
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^secrets\//u);
  });
});
