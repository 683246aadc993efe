/**
 * The kinds of options that commands have. Each is a zod schema that takes text (chat, terminal) as well as typed
 * JSON (API), with what help, usage lines and Discord's typed options need attached to it.
 */
import { z } from 'zod';
import { before, type EpochMs, fromIso, type Ms } from '../../domain/units.ts';
import { spanWords } from '../figures.ts';
import { parseSpan } from '../spans.ts';

/** What is known of an option beside its schema. */
export interface OptionInfo {
  readonly summary: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly choices: readonly string[];
  /** "a time like 30m, 2h or 7d": completes "expected …". */
  readonly expected: string;
  /** As the last positional it takes all words that are left. */
  readonly greedy: boolean;
}

/** Kept beside the schemas, not in them: what is generated from a schema stays plain. */
const OPTIONS = z.registry<OptionInfo>();

const LONGEST_WORD = 200;
const LONGEST_PHRASE = 500;

/** One word: a name, an id, or the beginning of an id. */
export function word(summary: string): z.ZodType<string> {
  return z
    .string()
    .trim()
    .min(1)
    .max(LONGEST_WORD)
    .describe(summary)
    .register(OPTIONS, info({ summary, expected: 'a name or id' }));
}

/** Free text. */
export function phrase(summary: string): z.ZodType<string> {
  const expected = `text of at most ${LONGEST_PHRASE} characters`;
  return z
    .string()
    .trim()
    .min(1)
    .max(LONGEST_PHRASE)
    .describe(summary)
    .register(OPTIONS, info({ summary, expected, greedy: true }));
}

export function choice<const T extends string>(summary: string, choices: readonly T[]): z.ZodType<T> {
  return z
    .enum(choices)
    .describe(summary)
    .register(OPTIONS, info({ summary, choices, expected: choices.join(' or ') })) as z.ZodType<T>;
}

export function whole(summary: string, min: number, max: number): z.ZodType<number> {
  return z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number),
    ])
    .pipe(z.int().min(min).max(max))
    .describe(summary)
    .register(OPTIONS, info({ summary, type: 'integer', expected: `a whole number from ${min} to ${max}` }));
}

/** A share in percent; a trailing percent sign is welcome. */
export function percent(summary: string): z.ZodType<number> {
  return z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,3}\s?%?$/)
        .transform((text) => Number.parseInt(text, 10)),
    ])
    .pipe(z.number().min(1).max(100))
    .describe(summary)
    .register(OPTIONS, info({ summary, type: 'integer', expected: 'a percentage from 1 to 100' }));
}

/** A switch. In the terminal it stands alone; elsewhere it is true or false. */
export function flag(summary: string): z.ZodType<boolean> {
  return z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .describe(summary)
    .register(OPTIONS, info({ summary, type: 'boolean', expected: 'true or false' }));
}

/** A span of time between limits. */
export function span(summary: string, min: Ms, max: Ms): z.ZodType<Ms> {
  const expected = `a time like 30m, 2h or 7d, from ${spanWords(min)} to ${spanWords(max)}`;
  return z
    .string()
    .transform((text, context) => {
      const value = parseSpan(text);
      if (value !== null && value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .describe(summary)
    .register(OPTIONS, info({ summary, expected }));
}

/** When something is to end, said as a span or as a UTC moment. */
export type Ending =
  | { readonly kind: 'for'; readonly span: Ms }
  | { readonly kind: 'until'; readonly at: EpochMs };

/** Whether a moment still lies ahead is for the handler to say: it knows what time it is. */
export function ending(summary: string, min: Ms, max: Ms): z.ZodType<Ending> {
  const expected = `a time like 30m, 2h or 7d, from ${spanWords(min)} to ${spanWords(max)}, or a moment like 2026-11-22T18:00Z`;
  return z
    .string()
    .transform((text, context): Ending => {
      const length = parseSpan(text);
      if (length !== null && length >= min && length <= max) return { kind: 'for', span: length };
      const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) ? fromIso(text) : undefined;
      if (at !== undefined) return { kind: 'until', at };
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .describe(summary)
    .register(OPTIONS, info({ summary, expected }));
}

/** A moment in the past, said as a span ago or as a UTC date. */
export type Since =
  | { readonly kind: 'ago'; readonly span: Ms }
  | { readonly kind: 'at'; readonly at: EpochMs };

export function since(summary: string): z.ZodType<Since> {
  const expected = 'a time like 2h or 7d ago, or a date like 2026-11-22';
  return z
    .string()
    .transform((text, context): Since => {
      const ago = parseSpan(text);
      if (ago !== null) return { kind: 'ago', span: ago };
      const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(text) ? fromIso(text) : undefined;
      if (at !== undefined) return { kind: 'at', at };
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .describe(summary)
    .register(OPTIONS, info({ summary, expected }));
}

export function momentOf(value: Since, now: EpochMs): EpochMs {
  return value.kind === 'ago' ? before(now, value.span) : value.at;
}

/** What is known of an option, also when it is optional. */
export function optionInfo(schema: z.core.$ZodType): OptionInfo {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return OPTIONS.get(inner) ?? info({ summary: '' });
}

export function isRequired(schema: z.core.$ZodType): boolean {
  return !(schema instanceof z.ZodOptional);
}

function info(given: Partial<OptionInfo> & { readonly summary: string }): OptionInfo {
  return { type: 'string', choices: [], greedy: false, expected: 'text', ...given };
}
