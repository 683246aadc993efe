/**
 * What people do in Discord: deferred first (Discord waits for three seconds), then handed to the core, then
 * answered where only they see it. Discord at random no longer knows an interaction that came at once; a press
 * then still counts and is answered in the thread, a command is not run.
 */
import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type CommandInteractionOption,
  type Interaction,
  MessageFlags,
  Routes,
} from 'discord.js';
import { describeError } from '../../domain/errors.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { CommandShape, PlatformUser, Press, PrivateReply } from '../surface.ts';
import type { InboundReply } from '../surface-wire.ts';
import { type ThreadTools, within } from '../surface-worker.ts';
import type { DiscordApi } from './api.ts';
import { isAnswered } from './faults.ts';
import type { DiscordOptions } from './options.ts';
import { type DiscordButton, NO_MENTIONS, renderConfirm, renderReply } from './render.ts';

const TYPING_LIMIT: Ms = ms(2_500);
const VERBS = { approve: 'Approve', deny: 'Deny', ack: 'Ack', more: 'More' } as const;
const BUTTON = /^(ask\.)?(approve|deny|ack|more):(.+)$/s;

export interface InboundDeps {
  readonly api: DiscordApi;
  readonly options: DiscordOptions;
  readonly tools: Pick<ThreadTools, 'ask' | 'log' | 'clock'>;
  readonly shapes: () => readonly CommandShape[];
  /** What is asked before this button counts, where it is still known. */
  readonly question: (subject: string) => string | undefined;
}

/** Never rejects: what goes wrong here is answered or logged. */
export async function takeInteraction(interaction: Interaction, deps: InboundDeps): Promise<void> {
  const { log } = deps.tools;
  if (interaction.guildId !== deps.options.guild) return;
  try {
    if (interaction.isChatInputCommand()) await takeCommand(interaction, deps);
    else if (interaction.isButton()) await takePress(interaction, deps);
    else if (interaction.isAutocomplete()) await takeTyping(interaction, deps);
  } catch (cause) {
    log.error('discord handler failed', { error: describeError(cause) });
  }
}

async function takeCommand(interaction: ChatInputCommandInteraction, deps: InboundDeps): Promise<void> {
  const user = person(interaction);
  if ((await defer(interaction, deps)) !== 'deferred') return;
  const invocation = {
    surface: 'discord',
    user,
    text: commandText(interaction.options.data, deps.shapes()),
    dedupe: `discord:${interaction.id}`,
  } as const;
  const reply = await deps.tools.ask({ what: 'command', invocation });
  await tell(interaction, reply, deps);
}

async function takePress(interaction: ButtonInteraction, deps: InboundDeps): Promise<void> {
  const user = person(interaction);
  const pressed = readButton(interaction.customId);
  const deferred = await defer(interaction, deps);
  if (pressed === null || deferred === 'answered') return;
  if (pressed.ask) {
    if (deferred === 'deferred') await askBack(interaction, pressed, deps);
    return;
  }
  const { verb, subject } = pressed;
  const dedupe = `discord:${interaction.id}`;
  const press = { surface: 'discord', user, verb, subject, dedupe } as const;
  const reply = await deps.tools.ask({ what: 'press', press });
  if (deferred === 'deferred') await tell(interaction, reply, deps);
  else await tellInThread(interaction, reply, deps);
}

/** Somebody types an option: Discord waits for three seconds and wants nothing after them. */
async function takeTyping(interaction: AutocompleteInteraction, deps: InboundDeps): Promise<void> {
  const { words } = pathOf(interaction.options.data, deps.shapes());
  const { name, value } = interaction.options.getFocused(true);
  const user = person(interaction);
  const query = { surface: 'discord', user, words, option: name, typed: String(value) } as const;
  const { clock } = deps.tools;
  const none: InboundReply = { ok: false, text: '' };
  const reply = await within(clock, TYPING_LIMIT, deps.tools.ask({ what: 'suggest', query }), none);
  await interaction.respond(
    (reply.suggestions ?? []).map(({ label, value: chosen }) => ({ name: label, value: chosen })),
  );
}

/** The words after `/ops`, rebuilt from typed options: `incident show id:inc-7f3a`. */
export function commandText(
  data: readonly CommandInteractionOption[],
  shapes: readonly CommandShape[],
): string {
  const { words, leaves } = pathOf(data, shapes);
  return [...words, ...leaves.map(({ name, value }) => `${name}:${quote(String(value))}`)].join(' ');
}

function pathOf(
  data: readonly CommandInteractionOption[],
  shapes: readonly CommandShape[],
): { readonly words: readonly string[]; readonly leaves: readonly CommandInteractionOption[] } {
  const words: string[] = [];
  let level = data;
  while (level[0]?.options !== undefined) {
    words.push(level[0].name);
    level = level[0].options;
  }
  const known = shapes.some((shape) => shape.words.join(' ') === words.join(' '));
  return { words: known ? words : words.slice(0, 1), leaves: level };
}

export function readButton(id: string): (Pick<Press, 'verb' | 'subject'> & { readonly ask: boolean }) | null {
  const [, ask, verb, subject] = BUTTON.exec(id) ?? [];
  if (subject === undefined) return null;
  return { ask: ask !== undefined, verb: verb as Press['verb'], subject };
}

/** As a person would have to type it, so that it is read back as it is. */
function quote(value: string): string {
  if (/^[\p{L}\p{N}_./%#@+-]+$/u.test(value) && !value.startsWith('-')) return value;
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

type Answerable = ChatInputCommandInteraction | ButtonInteraction;

/** `late`: Discord no longer waits. `answered`: another delivery of the same interaction was here before. */
async function defer(
  interaction: Answerable,
  { tools }: InboundDeps,
): Promise<'deferred' | 'late' | 'answered'> {
  try {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    return 'deferred';
  } catch (cause) {
    if (isAnswered(cause)) return 'answered';
    tools.log.info('discord interaction not deferred', { error: describeError(cause) });
    return 'late';
  }
}

/** Read before anything is awaited: discord.js keeps one member for all of a person's interactions. */
function person(interaction: Answerable | AutocompleteInteraction): PlatformUser {
  const { user, member } = interaction;
  const roles = member === null ? [] : member.roles;
  return {
    id: user.id,
    display: user.globalName ?? user.username,
    groups: Array.isArray(roles) ? roles : [...roles.cache.keys()],
  };
}

async function askBack(
  interaction: ButtonInteraction,
  pressed: Pick<Press, 'verb' | 'subject'>,
  deps: InboundDeps,
): Promise<void> {
  // The card may have lost the button since this screen was drawn: discord.js gives none then, whatever its type says.
  const component: ButtonInteraction['component'] | null = interaction.component;
  const label = (component !== null && 'label' in component && component.label) || VERBS[pressed.verb];
  const title = interaction.message.embeds[0]?.title ?? '';
  const question = deps.question(pressed.subject) ?? `${label}? ${title.replaceAll('\\', '')}`;
  const style: DiscordButton['style'] = pressed.verb === 'approve' ? 3 : pressed.verb === 'deny' ? 4 : 2;
  const sure = { type: 2, style, label, custom_id: `${pressed.verb}:${pressed.subject}` } as const;
  const { content, components } = renderConfirm(question, sure);
  await interaction.editReply({ content, components: [...components] });
}

async function tell(interaction: Answerable, reply: PrivateReply, deps: InboundDeps): Promise<void> {
  const [first = 'Done.', ...rest] = renderReply(reply.text);
  try {
    await interaction.editReply({ content: first });
    for (const content of rest) await interaction.followUp({ content, flags: MessageFlags.Ephemeral });
  } catch (cause) {
    deps.tools.log.warn('discord answer lost', { error: describeError(cause) });
    if (interaction.isButton()) await tellInThread(interaction, reply, deps);
  }
}

/** The thread of a message has the message's own id. */
async function tellInThread(
  interaction: ButtonInteraction,
  reply: PrivateReply,
  deps: InboundDeps,
): Promise<void> {
  const [first = 'Done.'] = renderReply(reply.text);
  const user = interaction.user.id;
  const body = {
    content: `<@${user}> ${first}`.slice(0, 2_000),
    allowed_mentions: { ...NO_MENTIONS, users: [user] },
  };
  await deps.api.post(Routes.channelMessages(interaction.message.id), body).catch((cause: unknown) => {
    deps.tools.log.warn('discord answer lost', { error: describeError(cause) });
  });
}
