/**
 * The command table as Discord's application commands. `/ops` carries the night's work, `/ops-admin` the rest,
 * because one command holds at most 25 entries and 8,000 characters. Pure.
 */
import { OpsError } from '../../domain/errors.ts';
import { inertLine, shorten } from '../inert.ts';
import type { CommandShape } from '../surface.ts';

/** Entries at the top of one command, and in one group. */
const ENTRIES = 25;
const CHARACTERS = 8_000;
const CHOICES = 25;
/** Tried one after the other until a command fits. */
const DESCRIPTIONS = [100, 60, 40, 24, 12, 1];

/** These only hide commands from people; roles are checked at every call. */
const USE_APPLICATION_COMMANDS = String(2n ** 31n);
const MANAGE_GUILD = String(2n ** 5n);

const SUB_COMMAND = 1;
const GROUP = 2;
const OPTION_TYPE = { string: 3, integer: 4, boolean: 5 } as const;

export interface DiscordOption {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[];
  readonly autocomplete?: true;
  readonly options?: readonly DiscordOption[];
}

export interface DiscordCommand {
  readonly type: 1;
  readonly name: 'ops' | 'ops-admin';
  readonly description: string;
  readonly default_member_permissions: string;
  readonly options: readonly DiscordOption[];
}

/** @throws OpsError `INTERNAL` when the table does not fit into two commands. */
export function toDiscordCommands(shapes: readonly CommandShape[]): readonly DiscordCommand[] {
  const groups = new Map<string, CommandShape[]>();
  for (const shape of shapes) {
    const group = groups.get(shape.words[0]);
    if (group === undefined) groups.set(shape.words[0], [shape]);
    else group.push(shape);
  }
  const firsts = [...groups.keys()];
  const isAdmin = (word: string): boolean => groups.get(word)?.[0]?.admin === true;
  const night = firsts.filter((word) => !isAdmin(word));
  const ops = night.slice(0, ENTRIES);
  const admin = [...firsts.filter(isAdmin), ...night.slice(ENTRIES)];
  const pick = (words: readonly string[]): CommandShape[][] => words.map((word) => groups.get(word) ?? []);
  return [
    fitted('ops', 'Look at Nightshift and tell it what to do.', USE_APPLICATION_COMMANDS, pick(ops)),
    fitted('ops-admin', 'Set Nightshift up and look behind it.', MANAGE_GUILD, pick(admin)),
  ].filter(({ options }) => options.length > 0);
}

/** Whether Discord has these commands already, whatever it adds on its own. */
export function sameCommands(wanted: readonly DiscordCommand[], found: unknown): boolean {
  if (!Array.isArray(found)) return false;
  const byName = (list: readonly unknown[]): string =>
    JSON.stringify(list.map(essence).sort((a, b) => String(a['name']).localeCompare(String(b['name']))));
  return byName(wanted) === byName(found);
}

function fitted(
  name: DiscordCommand['name'],
  description: string,
  permissions: string,
  groups: readonly (readonly CommandShape[])[],
): DiscordCommand {
  for (const length of DESCRIPTIONS) {
    const options = groups.map((group) => entry(group, length));
    const command = { type: 1, name, description, default_member_permissions: permissions, options } as const;
    if (options.length <= ENTRIES && characters(command) <= CHARACTERS) return command;
  }
  throw new OpsError('INTERNAL', 'the command table does not fit into Discord', { context: { name } });
}

function entry(group: readonly CommandShape[], length: number): DiscordOption {
  const [first] = group;
  if (first === undefined) throw new OpsError('INTERNAL', 'a command group is empty');
  if (group.length === 1 && first.words[1] === undefined) return subCommand(first.words[0], first, length);
  const name = first.words[0];
  const verbs = group.map((shape) => subCommand(shape.words[1] ?? 'show', shape, length));
  if (verbs.length > ENTRIES)
    throw new OpsError('INTERNAL', 'too many verbs for Discord', { context: { name } });
  const said = group.map(({ words }) => words[1] ?? '').join(', ');
  return { type: GROUP, name, description: describe(`${name}: ${said}`, length), options: verbs };
}

function subCommand(name: string, shape: CommandShape, length: number): DiscordOption {
  const sorted = [...shape.options].sort((a, b) => Number(b.required) - Number(a.required));
  return {
    type: SUB_COMMAND,
    name,
    description: describe(shape.summary, length),
    options: sorted.slice(0, ENTRIES).map((option) => ({
      type: OPTION_TYPE[option.type],
      name: option.name,
      description: describe(option.summary, length),
      required: option.required,
      ...choicesOf(option),
      ...(option.suggests ? ({ autocomplete: true } as const) : {}),
    })),
  };
}

/** More choices than Discord takes leave the option open: the core checks the value anyway. */
function choicesOf(option: CommandShape['options'][number]): Pick<DiscordOption, 'choices'> {
  const { choices, type } = option;
  if (choices.length === 0 || choices.length > CHOICES || type === 'boolean') return {};
  return {
    choices: choices.map((value) => ({ name: value, value: type === 'integer' ? Number(value) : value })),
  };
}

function describe(text: string, length: number): string {
  return shorten(inertLine(text), length, (same) => same) || '-';
}

/** As Discord counts: names, descriptions and choice values of everything inside. */
function characters(option: DiscordCommand | DiscordOption): number {
  const choices = 'choices' in option && option.choices !== undefined ? option.choices : [];
  const own = option.name.length + option.description.length;
  const inChoices = choices.reduce((sum, { name, value }) => sum + name.length + String(value).length, 0);
  return (option.options ?? []).reduce((sum, each) => sum + characters(each), own + inChoices);
}

function essence(value: unknown): Record<string, unknown> {
  const of = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const list = (key: string): readonly unknown[] => (Array.isArray(of[key]) ? of[key] : []);
  return {
    type: of['type'] ?? 1,
    name: of['name'],
    description: of['description'],
    permissions: of['default_member_permissions'] ?? null,
    required: of['required'] ?? false,
    autocomplete: of['autocomplete'] ?? false,
    choices: list('choices').map((choice) => [
      (choice as { name: unknown }).name,
      (choice as { value: unknown }).value,
    ]),
    options: list('options').map(essence),
  };
}
