/**
 * One configuration file: read, checked, all its faults named at once as `file: path: expected X, found Y`.
 *
 * JSON.parse alone would hide a duplicate key and say little about broken JSON; jsonc-parser (with comments
 * switched off) tells both with line and column.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { z } from 'zod';

export type FileResult<T> =
  | { readonly kind: 'valid'; readonly value: T; readonly text: string }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

/** Reads `folder/name` by `schema`. A missing file is the schema's defaults. Never throws. */
export async function readConfigFile<T>(
  folder: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<FileResult<T>> {
  const file = join(folder, name);
  let text: string;
  try {
    if (((await stat(file)).mode & 0o002) !== 0) {
      return invalid(`${name}: file mode: expected not writable by others, found world-writable (chmod o-w)`);
    }
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return check(name, '{}', schema);
    return invalid(`${name}: file: expected readable, found ${(cause as NodeJS.ErrnoException).code}`);
  }
  return check(name, text, schema);
}

function check<T>(name: string, text: string, schema: z.ZodType<T>): FileResult<T> {
  const syntax = syntaxFaults(name, text);
  if (syntax.length > 0) return { kind: 'invalid', faults: syntax };
  const data: unknown = JSON.parse(text);
  const parsed = schema.safeParse(data);
  if (parsed.success) return { kind: 'valid', value: parsed.data, text };
  return { kind: 'invalid', faults: parsed.error.issues.flatMap((issue) => describe(name, issue, data)) };
}

function syntaxFaults(name: string, text: string): readonly string[] {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (first !== undefined) {
    const found = printParseErrorCode(first.error);
    return [`${name}: ${lineAndColumn(text, first.offset)}: expected JSON, found ${words(found)}`];
  }
  if (root === undefined) return [`${name}: line 1: expected a JSON object, found nothing`];
  return duplicateKeys(root, '').map(
    ({ path, offset }) => `${name}: ${path}: expected once, found again on ${lineAndColumn(text, offset)}`,
  );
}

function duplicateKeys(node: Node, path: string): { readonly path: string; readonly offset: number }[] {
  if (node.type === 'array') {
    return (node.children ?? []).flatMap((child, index) => duplicateKeys(child, `${path}[${index}]`));
  }
  if (node.type !== 'object') return [];
  const seen = new Set<string>();
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) return [];
    const keyPath = joinPath(path, String(key.value));
    const again = seen.has(String(key.value)) ? [{ path: keyPath, offset: key.offset }] : [];
    seen.add(String(key.value));
    return [...again, ...duplicateKeys(value, keyPath)];
  });
}

/** One line for each fault; an object with three unknown keys is three faults. */
function describe(name: string, issue: z.core.$ZodIssue, data: unknown): readonly string[] {
  const path = issue.path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : joinPath(text, String(part))),
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${name}: ${joinPath(path, key)}: expected no such key, found "${key}"`);
  }
  return [`${name}: ${path || '(whole file)'}: expected ${expectation(issue)}, found ${found(issue, data)}`];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${sizeWord(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${sizeWord(issue.origin)}`;
    default:
      return issue.message.replace(/^Invalid input: expected /, '').replace(/^expected /i, '');
  }
}

function sizeWord(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function found(issue: z.core.$ZodIssue, data: unknown): string {
  const value = issue.path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    data,
  );
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function lineAndColumn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length} column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function invalid(fault: string): { readonly kind: 'invalid'; readonly faults: readonly string[] } {
  return { kind: 'invalid', faults: [fault] };
}
