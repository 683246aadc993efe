import { describe, expect, it } from 'vitest';
import { createGraph, cyclesIn, sickRootOf, type Wellness } from '../../../src/healing/dependencies.ts';

const TARGETS = [
  { name: 'db', dependsOn: [] },
  { name: 'cache', dependsOn: [] },
  { name: 'api', dependsOn: ['db', 'cache'] },
  { name: 'web', dependsOn: ['api'] },
];
const graph = createGraph(TARGETS);
const root = (target: string, state: Record<string, Wellness>) =>
  sickRootOf(target, graph, (name) => state[name] ?? 'well');

describe('createGraph', () => {
  it('knows what is needed and what depends, near and far', () => {
    expect([...graph.needsOf('web')].sort()).toEqual(['api', 'cache', 'db']);
    expect(graph.dependantsOf('db')).toEqual(['api', 'web']);
    expect(graph.needsOf('nobody').size).toBe(0);
  });

  it('ends also where the configuration goes in circles', () => {
    const circle = createGraph([
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
    ]);
    expect([...circle.needsOf('a')]).toEqual(['b']);
    expect(sickRootOf('a', circle, () => 'sick')).toEqual({ name: 'b', wellness: 'sick' });
  });
});

describe('sickRootOf', () => {
  it('names the deepest sick dependency, and none when all is well', () => {
    expect(root('web', {})).toBeNull();
    expect(root('web', { api: 'sick', db: 'sick' })).toEqual({ name: 'db', wellness: 'sick' });
    expect(root('web', { api: 'sick' })).toEqual({ name: 'api', wellness: 'sick' });
    expect(root('db', { db: 'sick' })).toBeNull();
  });

  it('holds for an unknown one too, but names a sick one first', () => {
    expect(root('web', { cache: 'unknown' })).toEqual({ name: 'cache', wellness: 'unknown' });
    expect(root('web', { cache: 'unknown', db: 'sick' })).toEqual({ name: 'db', wellness: 'sick' });
  });
});

describe('cyclesIn', () => {
  it('names every circle once, along its way', () => {
    const targets = [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['c'] },
      { name: 'c', dependsOn: ['a'] },
      { name: 'd', dependsOn: ['d'] },
    ];
    expect(cyclesIn(targets)).toEqual([
      ['a', 'b', 'c', 'a'],
      ['d', 'd'],
    ]);
    expect(cyclesIn(TARGETS)).toEqual([]);
  });
});
