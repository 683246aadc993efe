import { describe, expect, it } from 'vitest';
import { sameCommands, toDiscordCommands } from '../../../../src/bot/discord/commands.ts';
import type { CommandShape } from '../../../../src/bot/surface.ts';
import { SHAPES } from '../../../support/chat.ts';
import { checkCommands } from '../../../support/discord-rules.ts';

/** The whole night at once: more words and options than the table is ever likely to have. */
function bigTable(words: number, verbs: number): readonly CommandShape[] {
  const options = ['id', 'target', 'for', 'reason', 'dry-run'].map((name) => ({
    name,
    summary: `What ${name} is about, said in a sentence that is long enough to cost something`,
    required: name === 'reason',
    type: 'string' as const,
    choices: [],
    suggests: false,
  }));
  return Array.from({ length: words }, (_, word) =>
    Array.from({ length: verbs }, (_unused, verb) => ({
      words: [`word${word}`, `verb${verb}`] as const,
      admin: false,
      summary: 'Does what it says, with a summary that is about as long as ours are',
      options,
    })),
  ).flat();
}

describe('toDiscordCommands', () => {
  it('splits the table into the night’s work and the rest', () => {
    const [ops, admin] = toDiscordCommands(SHAPES);

    expect(ops).toMatchObject({
      name: 'ops',
      options: [
        { name: 'status', type: 1 },
        { name: 'incident', type: 2 },
        { name: 'approve', type: 1 },
      ],
    });
    expect(admin).toMatchObject({
      name: 'ops-admin',
      options: [{ name: 'audit', options: [{ name: 'verify' }] }],
    });
  });

  it('puts required options first, as Discord demands', () => {
    const [ops] = toDiscordCommands(SHAPES);
    const approve = ops?.options.find(({ name }) => name === 'approve');

    expect(approve?.options?.map(({ name }) => name)).toEqual(['id', 'reason']);
  });

  it('is taken by Discord', () => {
    expect(checkCommands(toDiscordCommands(SHAPES))).not.toHaveProperty('status');
  });

  it('shortens descriptions until a big table fits into 8,000 characters, and moves what is too many', () => {
    const commands = toDiscordCommands(bigTable(30, 3));

    expect(commands.map(({ options }) => options.length)).toEqual([25, 5]);
    expect(checkCommands(commands)).not.toHaveProperty('status');
  });

  it('says so when no shortening helps', () => {
    expect(() => toDiscordCommands(bigTable(60, 20))).toThrow('the command table does not fit into Discord');
  });

  it('hides the rest from people who do not manage the server, and nothing else', () => {
    const [ops, admin] = toDiscordCommands(SHAPES);

    expect([ops?.default_member_permissions, admin?.default_member_permissions]).toEqual([
      '2147483648',
      '32',
    ]);
  });

  it('leaves an option open that has more choices than Discord takes', () => {
    const choices = Array.from({ length: 26 }, (_, at) => `c${at}`);
    const [ops] = toDiscordCommands([
      {
        words: ['x'],
        admin: false,
        summary: 'x',
        options: [{ name: 'y', summary: 'y', required: false, type: 'string', choices, suggests: false }],
      },
    ]);

    expect(ops?.options[0]?.options?.[0]).not.toHaveProperty('choices');
  });
});

describe('sameCommands', () => {
  it('sees past what Discord adds and in which order it lists', () => {
    const wanted = toDiscordCommands(SHAPES);
    const listed = [...wanted]
      .reverse()
      .map((command) => ({ ...command, id: '1', version: '2', nsfw: false, application_id: '3' }));

    expect(sameCommands(wanted, JSON.parse(JSON.stringify(listed)))).toBe(true);
  });

  it('sees a changed choice', () => {
    const wanted = toDiscordCommands(SHAPES);
    const listed = JSON.parse(JSON.stringify(wanted).replace('"all"', '"any"'));

    expect(sameCommands(wanted, listed)).toBe(false);
  });

  it('takes anything that is no list as different', () => {
    expect(sameCommands([], null)).toBe(false);
  });
});
