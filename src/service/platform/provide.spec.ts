import { describe, expect, expectTypeOf, it } from 'vitest';
import { feature, interfaceToken, provide } from './provide.js';

class Engine {
  readonly horsepower = 90;
}

class Car {
  constructor(
    readonly engine: Engine,
    readonly colour: string,
  ) {}
}

const COLOUR = interfaceToken<string>('Colour');

describe('provide', () => {
  it('hands the dependencies to the factory in their order', () => {
    const provider = provide(Car, [Engine, COLOUR], (engine, colour) => new Car(engine, colour));
    expect(provider.inject).toEqual([Engine, COLOUR]);
    const engine = new Engine();
    expect(provider.useFactory(engine, 'red')).toEqual(new Car(engine, 'red'));
  });

  it('knows the types of what it hands over', () => {
    provide(Car, [Engine, COLOUR], (engine, colour) => {
      expectTypeOf(engine).toEqualTypeOf<Engine>();
      expectTypeOf(colour).toEqualTypeOf<string>();
      return new Car(engine, colour);
    });
    // @ts-expect-error -- the dependencies are in the wrong order
    provide(Car, [COLOUR, Engine], (engine: Engine, colour: string) => new Car(engine, colour));
    // @ts-expect-error -- what is made is not what the token promises
    provide(Car, [Engine], (engine) => engine);
  });
});

describe('feature', () => {
  it('shows the feature that imports it all that it and those before it provide', () => {
    class Before extends Engine {}
    const providers = [provide(Engine, [], () => new Engine()), provide(COLOUR, [], () => 'red')];
    expect(feature({ imports: [Before], providers })).toEqual({
      imports: [Before],
      controllers: [],
      providers,
      exports: [Before, Engine, COLOUR],
    });
  });
});
