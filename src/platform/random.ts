/** Randomness from the system's secure source. Tests pass a seeded one through the same port. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../domain/ports.ts';

/** 48 bits fill a double's mantissa well enough for jitter and never round up to 1. */
const FRACTION_BYTES = 6;

export function createSystemRandom(): Random {
  return {
    next: () => randomBytes(FRACTION_BYTES).readUIntBE(0, FRACTION_BYTES) / 2 ** (8 * FRACTION_BYTES),
    hex: (count) => randomBytes(count).toString('hex'),
  };
}
