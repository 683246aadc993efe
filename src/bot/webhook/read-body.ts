/** One way for all sources to say what is wrong with a body: the path, what was expected, at most three of them. */
import type { z } from 'zod';
import type { HookReading } from './message.ts';

const MOST_FAULTS = 3;

/** Hands the checked body on, or says what is wrong with it. Keys that a source adds later are no fault. */
export function reading<T>(schema: z.ZodType<T>, body: unknown, use: (body: T) => HookReading): HookReading {
  const checked = schema.safeParse(body);
  if (checked.success) return use(checked.data);
  const faults = checked.error.issues
    .slice(0, MOST_FAULTS)
    .map(({ path, message }) => `${path.length === 0 ? 'the body' : path.join('.')}: ${message}`);
  return { kind: 'bad', reason: faults.join('; ') };
}
