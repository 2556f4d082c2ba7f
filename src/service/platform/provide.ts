import type { Abstract, FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';

/** Remembers, for the compiler alone, what an {@link InterfaceToken} stands for. */
declare const instance: unique symbol;

/** The name of something that is no class, with the type of what is provided under it. */
export type InterfaceToken<T> = symbol & { readonly [instance]?: T };

/** What something is asked for by: its class, or a token made with {@link interfaceToken}. */
export type Token<T> = Type<T> | Abstract<T> | InterfaceToken<T>;

type InstanceOf<T> =
  T extends Type<infer I>
    ? I
    : T extends Abstract<infer I>
      ? I
      : T extends InterfaceToken<infer I>
        ? I
        : never;
type InstancesOf<Tokens extends readonly unknown[]> = { [Index in keyof Tokens]: InstanceOf<Tokens[Index]> };

/** A token for an interface, a function or a plain value of type `T`. */
export function interfaceToken<T>(description: string): InterfaceToken<T> {
  return Symbol(description);
}

/**
 * A provider whose factory is given the instances of its dependencies. The compiler checks that their types and their
 * order are what the factory takes.
 */
export function provide<T, const Dependencies extends readonly Token<unknown>[]>(
  token: Token<T>,
  dependencies: Dependencies,
  factory: (...instances: InstancesOf<Dependencies>) => T | Promise<T>,
): FactoryProvider<T> {
  return {
    provide: token,
    inject: [...dependencies],
    useFactory: (...instances: unknown[]) => factory(...(instances as InstancesOf<Dependencies>)),
  };
}

interface FeatureParts {
  readonly imports?: readonly Type[];
  readonly controllers?: ModuleMetadata['controllers'];
  readonly providers: readonly FactoryProvider[];
}

/**
 * The metadata of a feature's module: all that it provides, and all that the features before it provide, is there for
 * the feature that imports it.
 */
export function feature({ imports = [], controllers = [], providers }: FeatureParts): ModuleMetadata {
  return {
    imports: [...imports],
    controllers,
    providers: [...providers],
    exports: [...imports, ...providers.map(({ provide: token }) => token)],
  };
}
