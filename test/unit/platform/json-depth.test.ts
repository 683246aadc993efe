import { describe, expect, it } from 'vitest';
import { isDeeperThan } from '../../../src/platform/json-depth.ts';

describe('isDeeperThan', () => {
  it('counts arrays and objects inside one another', () => {
    expect(isDeeperThan({ a: [{ b: 1 }] }, 3)).toBe(false);
    expect(isDeeperThan({ a: [{ b: [] }] }, 2)).toBe(true);
    expect(isDeeperThan('text', 0)).toBe(false);
    expect(isDeeperThan(undefined, 0)).toBe(false);
  });

  it('does not overflow the stack on a body of nothing but brackets', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);

    expect(isDeeperThan(deep, 32)).toBe(true);
  });
});
