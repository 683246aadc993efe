import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRequired, optionInfo } from '../../../src/bot/commands/options.ts';
import { COMMANDS } from '../../../src/bot/commands/table.ts';
import { parseCall } from '../../../src/bot/parse.ts';
import type { ParsedCall, Unreadable } from '../../../src/bot/parse-fault.ts';
import { callLine } from '../../../src/bot/read-call.ts';
import { hours, minutes } from '../../../src/domain/units.ts';

function call(text: string): ParsedCall {
  const parsed = parseCall({ text });
  if (parsed.kind !== 'call') throw new Error(`${text}: ${JSON.stringify(parsed)}`);
  return parsed;
}

function fault(text: string): Unreadable {
  const parsed = parseCall({ text });
  if (parsed.kind !== 'invalid') throw new Error(`${text}: ${parsed.kind}`);
  return parsed;
}

describe('parseCall', () => {
  it.each([
    ['incident show inc-7f3a'],
    ['incident show id:inc-7f3a'],
    ['incident show --id inc-7f3a'],
    ['incident show --id=inc-7f3a'],
    ['INCIDENT Show ID:inc-7f3a'],
    ['incident show id: inc-7f3a'],
    ['incident show "inc-7f3a"'],
    ['incident show —id=inc-7f3a'],
  ])('reads %s', (text) => {
    expect(call(text).command.words).toEqual(['incident', 'show']);
    expect(call(text).options).toEqual({ id: 'inc-7f3a' });
  });

  it('takes the longest match of words, and dry-run as a verb where it is one', () => {
    expect(call('mode dry-run').command.words).toEqual(['mode', 'dry-run']);
    expect(call('mode dry-run').dryRun).toBe(false);
    expect(call('mode production --dry-run')).toMatchObject({ dryRun: true, options: {} });
  });

  it('lets free text at the end take all words that are left, apostrophes and colons included', () => {
    expect(call("resolve inc-7f3a don't worry: see https://wiki/x:1 at 02:06").options).toEqual({
      id: 'inc-7f3a',
      reason: "don't worry: see https://wiki/x:1 at 02:06",
    });
  });

  it('keeps a quoted word a value even where it looks like an option', () => {
    expect(call('resolve inc-7f3a "id:fixed"').options).toEqual({ id: 'inc-7f3a', reason: 'id:fixed' });
    expect(call('resolve inc-7f3a reason:"by hand"').options).toEqual({ id: 'inc-7f3a', reason: 'by hand' });
    expect(call('resolve inc-7f3a reason:“by hand”').options).toEqual({ id: 'inc-7f3a', reason: 'by hand' });
  });

  it('turns spans of time, counts and switches into typed values', () => {
    expect(call('freeze 1h30m').options).toEqual({ for: hours(1.5) });
    expect(call('silence rpa-worker for:30m').options).toEqual({ target: 'rpa-worker', for: minutes(30) });
    expect(call('worker scale rpa-worker 3').options).toEqual({ worker: 'rpa-worker', count: 3 });
    expect(call('report --post').options).toEqual({ post: true });
    expect(call('budget set --cpu 80 --memory 70%').options).toEqual({ cpu: 80, memory: 70 });
  });

  it.each([
    ['strategies validate', 'strategy validate'],
    ['worker status', 'worker list'],
    ['worker stop', 'worker stop'],
    ['config check', 'config validate'],
    ['backup verify', 'backup verify'],
    ['restore --dry-run', 'restore start'],
    ['restore --backup latest --section config,data,state', 'restore start'],
    ['optimize --interval 300', 'optimize run'],
    ['budget set --cpu 80 --memory 70', 'budget set'],
  ])('knows the seed name %s as %s', (text, words) => {
    expect(call(text).command.words.join(' ')).toBe(words);
  });

  it.each([
    ['stauts', 'UNKNOWN_COMMAND', 'stauts', 'status'],
    ['incident shwo inc-1', 'UNKNOWN_COMMAND', 'incident shwo', 'incident show'],
    ['worker', 'UNKNOWN_COMMAND', 'worker', null],
    ['restore yesterday', 'UNKNOWN_COMMAND', 'restore yesterday', null],
    ['freeze --fro 2h', 'BAD_OPTION', 'fro', 'for'],
    ['freeze --scope everything', 'BAD_OPTION', 'everything', null],
    ['freeze 8d', 'BAD_OPTION', '8d', null],
    ['freeze 5', 'BAD_OPTION', '5', null],
    ['incident show', 'BAD_OPTION', 'id', null],
    ['incident show --id', 'BAD_OPTION', 'id', null],
    ['incident show a b', 'BAD_OPTION', 'b', null],
    ['incident show a id:b', 'BAD_OPTION', 'a', null],
    ['incident show id:a id:b', 'BAD_OPTION', 'id', null],
    ['worker scale rpa-worker many', 'BAD_OPTION', 'many', null],
    ['ack "inc-7f3a', 'BAD_OPTION', '"inc-7f3a', null],
    ['ack inc-7f3a --dry-run=perhaps', 'BAD_OPTION', 'dry-run:perhaps', null],
    ['status --__proto__ 1', 'BAD_OPTION', '__proto__', null],
  ] as const)('says what is wrong with: %s', (text, code, word, suggestion) => {
    const found = fault(text);

    expect(found.code).toBe(code);
    expect(found.fault.word).toBe(word);
    expect(found.fault.suggestion).toBe(suggestion);
    expect(found.text).toContain(`expected ${found.fault.expected}`);
  });

  it.each([
    'budget set --cpu 0',
    'budget set cpu:101',
    'budget set cpu: lots',
    'budget set --cpu -5',
    'budget set --memory 0.5',
    'budget set messages:0',
    'budget set --cpu 50 --for -2h',
  ])('refuses %s and says what is expected', (text) => {
    const parsed = parseCall({ text });

    expect(parsed).toMatchObject({ kind: 'invalid' });
    expect(JSON.stringify(parsed)).toMatch(/a percentage from 1 to 100|whole number|a time like/);
  });

  it('gives help for nothing, for --help, and for a group', () => {
    expect(parseCall({ text: '  ' })).toEqual({ kind: 'help', topic: [] });
    expect(parseCall({ text: 'freeze 2h --help' })).toEqual({ kind: 'help', topic: ['freeze'] });
    expect(parseCall({ words: ['worker', '--help'] })).toEqual({ kind: 'help', topic: ['worker'] });
  });

  it('takes typed options beside the words, and refuses those it does not know', () => {
    const good = parseCall({ command: 'worker scale', options: { worker: 'rpa', count: 2 }, dryRun: true });
    const hostile = parseCall({
      command: 'status',
      options: JSON.parse('{"__proto__": {"role": "operator"}}') as Record<string, unknown>,
      dryRun: false,
    });

    expect(good).toMatchObject({ kind: 'call', options: { worker: 'rpa', count: 2 }, dryRun: true });
    expect(hostile).toMatchObject({ kind: 'invalid', code: 'BAD_OPTION' });
  });

  it('names a typed option of the wrong kind', () => {
    const parsed = parseCall({ command: 'ack', options: { id: { $ne: 1 } }, dryRun: false });

    expect(parsed).toMatchObject({ kind: 'invalid', fault: { word: '{"$ne":1}' } });
  });

  it('never throws, whatever is typed', () => {
    const piece = fc.oneof(
      fc.constantFrom(...COMMANDS.flatMap((command) => command.words)),
      fc.constantFrom('--', '--dry-run', 'id:', 'for:2h', '"', "'", '=', '--id=', '—x', ':', '"a b"'),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom(' ', '  ', ''), (pieces, gap) => {
        expect(['call', 'help', 'invalid']).toContain(parseCall({ text: pieces.join(gap) }).kind);
        expect(['call', 'help', 'invalid']).toContain(parseCall({ words: pieces }).kind);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back every line it writes, for every command and any text', () => {
    const free = fc
      .string({ minLength: 1, maxLength: 40 })
      .filter((text) => text.trim() === text && text !== '');
    const samples: Readonly<Record<string, fc.Arbitrary<string>>> = {
      integer: fc.integer({ min: 1, max: 60 }).map(String),
      boolean: fc.constantFrom('true', 'false'),
    };
    const anyValue = (info: ReturnType<typeof optionInfo>): fc.Arbitrary<string> => {
      if (info.choices.length > 0) return fc.constantFrom(...info.choices);
      if (info.expected.startsWith('a time')) return fc.constantFrom('30m', '2h', '1h30m');
      return samples[info.type] ?? free;
    };
    const anyCall = fc.constantFrom(...COMMANDS).chain((command) => {
      const entries = Object.entries(command.options.shape);
      const values = entries.map(([, schema]) => {
        const value = anyValue(optionInfo(schema));
        return isRequired(schema) ? value : fc.option(value);
      });
      return fc.tuple(...values).map((chosen) => ({
        command,
        options: new Map(
          entries.flatMap(([name], index) => {
            const value = chosen[index];
            return value == null ? [] : [[name, value] as const];
          }),
        ),
      }));
    });

    fc.assert(
      fc.property(anyCall, ({ command, options }) => {
        const line = callLine(command.words, options);

        const parsed = call(line);

        expect(parsed.command.words).toEqual(command.words);
        expect(parsed.line).toBe(line);
        expect(parsed.options).toEqual(command.options.parse(Object.fromEntries(options)));
      }),
      { numRuns: 400 },
    );
  });
});
