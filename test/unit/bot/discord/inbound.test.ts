import type { CommandInteractionOption } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { commandText, readButton } from '../../../../src/bot/discord/inbound.ts';
import { SHAPES } from '../../../support/chat.ts';

const leaf = (name: string, value: string | number | boolean): CommandInteractionOption =>
  ({ name, value, type: 3 }) as never;
const nest = (name: string, options: CommandInteractionOption[]): CommandInteractionOption =>
  ({ name, options, type: 1 }) as never;

describe('commandText', () => {
  it('rebuilds the words and options as they would be typed', () => {
    const data = [nest('incident', [nest('show', [leaf('id', 'inc-7f3a')])])];

    expect(commandText(data, SHAPES)).toBe('incident show id:inc-7f3a');
  });

  it('quotes what has blanks or quotes in it', () => {
    expect(commandText([nest('approve', [leaf('reason', 'it is "fine" \\o/')])], SHAPES)).toBe(
      'approve reason:"it is \\"fine\\" \\\\o/"',
    );
  });

  it.each(["'tis", '-5', 'a:b', ''])('quotes %j, which would be read as something else', (value) => {
    expect(commandText([nest('status', [leaf('window', value)])], SHAPES)).toBe(`status window:"${value}"`);
  });

  it('takes numbers and yes or no', () => {
    expect(commandText([nest('status', [leaf('lines', 20), leaf('dry-run', true)])], SHAPES)).toBe(
      'status lines:20 dry-run:true',
    );
  });
});

describe('readButton', () => {
  it('reads verb, subject and whether to ask first', () => {
    expect(readButton('approve:apr-1')).toEqual({ ask: false, verb: 'approve', subject: 'apr-1' });
    expect(readButton('ask.deny:apr-1')).toEqual({ ask: true, verb: 'deny', subject: 'apr-1' });
  });

  it.each(['', 'ask.', 'reboot:x', 'approve:'])('refuses %j', (id) => {
    expect(readButton(id)).toBeNull();
  });
});
