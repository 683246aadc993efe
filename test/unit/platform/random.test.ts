import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../../src/platform/random.ts';

describe('createSystemRandom', () => {
  const random = createSystemRandom();

  it('gives numbers from 0 up to, never reaching, 1, spread over the whole range', () => {
    const numbers = Array.from({ length: 2_000 }, () => random.next());

    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(Math.max(...numbers) - Math.min(...numbers)).toBeGreaterThan(0.9);
  });

  it('gives ids of the asked length that do not repeat', () => {
    const ids = new Set(Array.from({ length: 500 }, () => random.hex(16)));

    expect(ids.size).toBe(500);
    expect([...ids].every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
